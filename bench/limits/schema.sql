-- The tables of the hand-written loop: those of nurture's SQLite store that a drip step touches,
-- with the same keys and the same number of indexes (asserted by the run).
create table lead(
    tenant text not null, id text not null, version integer not null, body text not null,
    primary key (tenant, id)
) without rowid;
create table touchpoint(
    tenant text not null, id text not null, subject text not null, kind text not null,
    at integer not null, received_at integer not null, body text not null,
    primary key (tenant, id)
) without rowid;
create index touchpoint_subject on touchpoint(tenant, subject, at);
create table inbox(
    tenant text not null, id text not null, subject text not null, due_at integer not null,
    body text not null,
    primary key (tenant, id)
) without rowid;
create index inbox_due on inbox(tenant, due_at);
create index inbox_subject on inbox(tenant, subject);
create table standing(
    tenant text not null, id text not null, version integer not null, due_at integer,
    body text not null,
    primary key (tenant, id)
) without rowid;
create index standing_due on standing(tenant, due_at);
create table effect(
    tenant text not null, id text not null, version integer not null, subject text not null,
    state text not null, due_at integer not null, body text not null,
    primary key (tenant, id)
) without rowid;
create index effect_due on effect(tenant, state, due_at);
create index effect_subject on effect(tenant, subject);
create table allowance(
    tenant text not null, id text not null, version integer not null, body text not null,
    primary key (tenant, id)
) without rowid;
create table decision(
    tenant text not null, id text not null, subject text not null, at integer not null,
    body text not null,
    primary key (tenant, id)
) without rowid;
create index decision_subject on decision(tenant, subject, at);
