-- The tables of the hand-written loop: those of nurture's SQL store that a drip step touches,
-- under the same names, with the same keys and indexes (their number is asserted by the run). `without rowid` is left out on PostgreSQL.
create table nurture_clock(tenant text not null primary key, last bigint not null);
create table nurture_lead(
    tenant text not null, id text not null, version bigint not null, account text, body text not null,
    primary key (tenant, id)
);
create index nurture_lead_by_account on nurture_lead(tenant, account) where account is not null;
create table nurture_touchpoint(
    tenant text not null, id text not null, subject text not null, kind text not null,
    at bigint not null, received_at bigint not null, origin text not null, body text not null,
    primary key (tenant, id)
);
create index nurture_touchpoint_by_subject on nurture_touchpoint(tenant, subject, kind, at, id);
create table nurture_inbox(
    tenant text not null, id text not null, subject text not null, due_at bigint not null,
    primary key (tenant, id)
) without rowid;
create index nurture_inbox_by_due on nurture_inbox(tenant, due_at, subject);
create index nurture_inbox_by_subject on nurture_inbox(tenant, subject, due_at);
create table nurture_standing(
    tenant text not null, id text not null, version bigint not null, due_at bigint,
    dead smallint not null, advanced_to bigint, failures smallint not null default 0, body text not null,
    primary key (tenant, id)
);
create index nurture_standing_by_due on nurture_standing(tenant, due_at, id) where due_at is not null and dead = 0;
create index nurture_standing_troubled on nurture_standing(tenant, id) where dead = 1 or failures > 0;
create table nurture_effect(
    tenant text not null, id text not null, version bigint not null, subject text not null,
    state text not null, open smallint not null, planned_at bigint not null, due_at bigint, body text not null,
    primary key (tenant, id)
);
create index nurture_effect_by_due on nurture_effect(tenant, due_at, id) where due_at is not null and open = 1;
create index nurture_effect_by_subject on nurture_effect(tenant, subject, open);
create index nurture_effect_in_doubt on nurture_effect(tenant, state, id) where state in ('claimed', 'unknown');
create table nurture_allowance(
    tenant text not null, id text not null, version bigint not null, body text not null,
    primary key (tenant, id)
);
create table nurture_decision(
    tenant text not null, id text not null, subject text not null, at bigint not null, body text not null,
    primary key (tenant, id)
);
create index nurture_decision_by_subject on nurture_decision(tenant, subject, at);
