BEGIN TRANSACTION;
CREATE TABLE nurture_account (
	tenant TEXT NOT NULL, 
	id TEXT NOT NULL, 
	version BIGINT NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT nurture_account_pk PRIMARY KEY (tenant, id)
);
INSERT INTO "nurture_account" VALUES('default','acct_sample',1,'{"id":"acct_sample","created_at":"2026-03-01T09:30:00.123456+00:00","name":"例株式会社","name_kana":"レイ","domain":"example.jp","corporate_number":"0000000000000","industry":"SaaS","employees":120,"region":"東京","owner":"kato","attributes":{"text":"山田 太郎 😀 \"''\\\n","like an instant":"2026-03-01T09:30:00+00:00","like a date":"2026-03-01","whole":4611686018427387904,"real":0.30000000000000004,"round":3.0,"yes":true,"nothing":null,"instant":{"at":"2026-03-01T09:30:00.123456+00:00"},"date":{"on":"1999-12-31"},"many":["a",1,2.5,false,{"at":"2026-03-01T09:30:00.123456+00:00"},{"on":"2000-02-29"}],"none of many":[]}}');
INSERT INTO "nurture_account" VALUES('別の会社','acct_sample',1,'{"id":"acct_sample","created_at":"2026-03-01T09:30:00.123456+00:00","name":"例株式会社","name_kana":"レイ","domain":"example.jp","corporate_number":"0000000000000","industry":"SaaS","employees":120,"region":"東京","owner":"kato","attributes":{"text":"山田 太郎 😀 \"''\\\n","like an instant":"2026-03-01T09:30:00+00:00","like a date":"2026-03-01","whole":4611686018427387904,"real":0.30000000000000004,"round":3.0,"yes":true,"nothing":null,"instant":{"at":"2026-03-01T09:30:00.123456+00:00"},"date":{"on":"1999-12-31"},"many":["a",1,2.5,false,{"at":"2026-03-01T09:30:00.123456+00:00"},{"on":"2000-02-29"}],"none of many":[]}}');
CREATE TABLE nurture_activation (
	tenant TEXT NOT NULL, 
	id TEXT NOT NULL, 
	version BIGINT NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT nurture_activation_pk PRIMARY KEY (tenant, id)
);
INSERT INTO "nurture_activation" VALUES('default','program',1,'{"history":[{"program":"p","at":"2026-03-01T09:30:00.123456+00:00"},{"program":"q","at":"2027-04-05T09:30:00.123457+00:00"}],"rolled_to":"lead_a"}');
INSERT INTO "nurture_activation" VALUES('別の会社','program',1,'{"history":[{"program":"p","at":"2026-03-01T09:30:00.123456+00:00"},{"program":"q","at":"2027-04-05T09:30:00.123457+00:00"}],"rolled_to":"lead_a"}');
CREATE TABLE nurture_alias (
	tenant TEXT NOT NULL, 
	id TEXT NOT NULL, 
	version BIGINT NOT NULL, 
	subject TEXT NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT nurture_alias_pk PRIMARY KEY (tenant, id)
);
INSERT INTO "nurture_alias" VALUES('default','alias_sample',1,'lead_sample','{"id":"alias_sample","subject":"lead_sample"}');
INSERT INTO "nurture_alias" VALUES('別の会社','alias_sample',1,'lead_sample','{"id":"alias_sample","subject":"lead_sample"}');
CREATE TABLE nurture_allowance (
	tenant TEXT NOT NULL, 
	id TEXT NOT NULL, 
	version BIGINT NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT nurture_allowance_pk PRIMARY KEY (tenant, id)
);
INSERT INTO "nurture_allowance" VALUES('default','address:0',1,'{"id":"address:0","recent":["2026-03-01T09:30:00.123456+00:00","2027-04-05T09:30:00.123457+00:00"],"suppressions":[{"purpose":null,"reason":"bounced","at":"2026-03-01T09:30:00.123456+00:00"},{"purpose":"marketing","reason":"unsubscribed","at":"2026-03-01T09:30:00.123456+00:00"}]}');
INSERT INTO "nurture_allowance" VALUES('別の会社','address:0',1,'{"id":"address:0","recent":["2026-03-01T09:30:00.123456+00:00","2027-04-05T09:30:00.123457+00:00"],"suppressions":[{"purpose":null,"reason":"bounced","at":"2026-03-01T09:30:00.123456+00:00"},{"purpose":"marketing","reason":"unsubscribed","at":"2026-03-01T09:30:00.123456+00:00"}]}');
CREATE TABLE nurture_clock (
	tenant TEXT NOT NULL, 
	last BIGINT NOT NULL, 
	PRIMARY KEY (tenant)
);
INSERT INTO "nurture_clock" VALUES('default',1772452800000000);
INSERT INTO "nurture_clock" VALUES('別の会社',1772452800000000);
CREATE TABLE nurture_decision (
	tenant TEXT NOT NULL, 
	id TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT nurture_decision_pk PRIMARY KEY (tenant, id)
);
INSERT INTO "nurture_decision" VALUES('default','dec_sample','lead_sample',1772357400123456,'{"id":"dec_sample","subject":"lead_sample","at":"2026-03-01T09:30:00.123456+00:00","causes":["fact_sample"],"notes":[{"what":"stage","name":"mql","outcome":"entered","clause":"score >= 40","saw":{"text":"山田 太郎 😀 \"''\\\n","like an instant":"2026-03-01T09:30:00+00:00","like a date":"2026-03-01","whole":4611686018427387904,"real":0.30000000000000004,"round":3.0,"yes":true,"nothing":null,"instant":{"at":"2026-03-01T09:30:00.123456+00:00"},"date":{"on":"1999-12-31"},"many":["a",1,2.5,false,{"at":"2026-03-01T09:30:00.123456+00:00"},{"on":"2000-02-29"}],"none of many":[]}},{"what":"left","name":"welcome","outcome":"goal"}]}');
INSERT INTO "nurture_decision" VALUES('別の会社','dec_sample','lead_sample',1772357400123456,'{"id":"dec_sample","subject":"lead_sample","at":"2026-03-01T09:30:00.123456+00:00","causes":["fact_sample"],"notes":[{"what":"stage","name":"mql","outcome":"entered","clause":"score >= 40","saw":{"text":"山田 太郎 😀 \"''\\\n","like an instant":"2026-03-01T09:30:00+00:00","like a date":"2026-03-01","whole":4611686018427387904,"real":0.30000000000000004,"round":3.0,"yes":true,"nothing":null,"instant":{"at":"2026-03-01T09:30:00.123456+00:00"},"date":{"on":"1999-12-31"},"many":["a",1,2.5,false,{"at":"2026-03-01T09:30:00.123456+00:00"},{"on":"2000-02-29"}],"none of many":[]}},{"what":"left","name":"welcome","outcome":"goal"}]}');
CREATE TABLE nurture_definition (
	tenant TEXT NOT NULL, 
	id TEXT NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT nurture_definition_pk PRIMARY KEY (tenant, id)
);
INSERT INTO "nurture_definition" VALUES('default','def_sample','{"id":"def_sample","what":"scenario","body":"{\"steps\": [\"例\"]}"}');
INSERT INTO "nurture_definition" VALUES('別の会社','def_sample','{"id":"def_sample","what":"scenario","body":"{\"steps\": [\"例\"]}"}');
CREATE TABLE nurture_effect (
	tenant TEXT NOT NULL, 
	id TEXT NOT NULL, 
	version BIGINT NOT NULL, 
	subject TEXT NOT NULL, 
	state TEXT NOT NULL, 
	open SMALLINT NOT NULL, 
	planned_at BIGINT NOT NULL, 
	due_at BIGINT, 
	body TEXT NOT NULL, 
	CONSTRAINT nurture_effect_pk PRIMARY KEY (tenant, id)
);
INSERT INTO "nurture_effect" VALUES('default','eff_sample',1,'lead_sample','claimed',1,1772357400123456,1806917400123457,'{"id":"eff_sample","subject":"lead_sample","enrollment":"enr_sample","scenario":"welcome","step":"0","kind":"action","name":"hello","planned_at":"2026-03-01T09:30:00.123456+00:00","due_at":"2027-04-05T09:30:00.123457+00:00","channel":"email","purpose":"marketing","topic":"news","params":{"text":"山田 太郎 😀 \"''\\\n","like an instant":"2026-03-01T09:30:00+00:00","like a date":"2026-03-01","whole":4611686018427387904,"real":0.30000000000000004,"round":3.0,"yes":true,"nothing":null,"instant":{"at":"2026-03-01T09:30:00.123456+00:00"},"date":{"on":"1999-12-31"},"many":["a",1,2.5,false,{"at":"2026-03-01T09:30:00.123456+00:00"},{"on":"2000-02-29"}],"none of many":[]},"repeat":"at_least_once","state":"claimed","expires_at":"2027-04-05T09:30:00.123457+00:00","attempts":2,"fence":3,"claimed_at":"2026-03-01T09:30:00.123456+00:00","settled_at":"2027-04-05T09:30:00.123457+00:00","reason":"busy","message_id":"<a@example.jp>"}');
INSERT INTO "nurture_effect" VALUES('別の会社','eff_sample',1,'lead_sample','claimed',1,1772357400123456,1806917400123457,'{"id":"eff_sample","subject":"lead_sample","enrollment":"enr_sample","scenario":"welcome","step":"0","kind":"action","name":"hello","planned_at":"2026-03-01T09:30:00.123456+00:00","due_at":"2027-04-05T09:30:00.123457+00:00","channel":"email","purpose":"marketing","topic":"news","params":{"text":"山田 太郎 😀 \"''\\\n","like an instant":"2026-03-01T09:30:00+00:00","like a date":"2026-03-01","whole":4611686018427387904,"real":0.30000000000000004,"round":3.0,"yes":true,"nothing":null,"instant":{"at":"2026-03-01T09:30:00.123456+00:00"},"date":{"on":"1999-12-31"},"many":["a",1,2.5,false,{"at":"2026-03-01T09:30:00.123456+00:00"},{"on":"2000-02-29"}],"none of many":[]},"repeat":"at_least_once","state":"claimed","expires_at":"2027-04-05T09:30:00.123457+00:00","attempts":2,"fence":3,"claimed_at":"2026-03-01T09:30:00.123456+00:00","settled_at":"2027-04-05T09:30:00.123457+00:00","reason":"busy","message_id":"<a@example.jp>"}');
CREATE TABLE nurture_inbox (
	tenant TEXT NOT NULL, 
	id TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	due_at BIGINT NOT NULL, 
	CONSTRAINT nurture_inbox_pk PRIMARY KEY (tenant, id)
)
 WITHOUT ROWID

;
INSERT INTO "nurture_inbox" VALUES('default','fact_default_0','lead_default_0',1772452800000000);
INSERT INTO "nurture_inbox" VALUES('default','fact_default_1','lead_default_1',1772452800000000);
INSERT INTO "nurture_inbox" VALUES('default','fact_waiting','lead_sample',1806917400123457);
INSERT INTO "nurture_inbox" VALUES('別の会社','fact_waiting','lead_sample',1806917400123457);
INSERT INTO "nurture_inbox" VALUES('別の会社','fact_別の会社_0','lead_別の会社_0',1772452800000000);
INSERT INTO "nurture_inbox" VALUES('別の会社','fact_別の会社_1','lead_別の会社_1',1772452800000000);
CREATE TABLE nurture_lead (
	tenant TEXT NOT NULL, 
	id TEXT NOT NULL, 
	version BIGINT NOT NULL, 
	account TEXT, 
	body TEXT NOT NULL, 
	CONSTRAINT nurture_lead_pk PRIMARY KEY (tenant, id)
);
INSERT INTO "nurture_lead" VALUES('default','lead_sample',1,'acct_sample','{"id":"lead_sample","created_at":"2026-03-01T09:30:00.123456+00:00","email":"Taro@example.jp","phone":"+81-3-0000-0000","line":"U1","visitor":"v1","external_ids":{"crm":"7"},"name":"山田 太郎","family_name":"山田","given_name":"太郎","family_kana":"ヤマダ","given_kana":"タロウ","company":"例","department":"営業","title":"部長","source":"seminar","campaign":"spring","account":"acct_sample","owner":"kato","locale":"ja","zone":"Asia/Tokyo","tags":["a","b"],"attributes":{"text":"山田 太郎 😀 \"''\\\n","like an instant":"2026-03-01T09:30:00+00:00","like a date":"2026-03-01","whole":4611686018427387904,"real":0.30000000000000004,"round":3.0,"yes":true,"nothing":null,"instant":{"at":"2026-03-01T09:30:00.123456+00:00"},"date":{"on":"1999-12-31"},"many":["a",1,2.5,false,{"at":"2026-03-01T09:30:00.123456+00:00"},{"on":"2000-02-29"}],"none of many":[]},"consents":[{"at":"2026-03-01T09:30:00.123456+00:00","topic":"news","basis":"paper_card","source":"fair","text_version":"2","expires_at":"2027-04-05T09:30:00.123457+00:00"},{"at":"2026-03-01T09:30:00.123456+00:00","channel":"line","purpose":"transactional","given":false}]}');
INSERT INTO "nurture_lead" VALUES('別の会社','lead_sample',1,'acct_sample','{"id":"lead_sample","created_at":"2026-03-01T09:30:00.123456+00:00","email":"Taro@example.jp","phone":"+81-3-0000-0000","line":"U1","visitor":"v1","external_ids":{"crm":"7"},"name":"山田 太郎","family_name":"山田","given_name":"太郎","family_kana":"ヤマダ","given_kana":"タロウ","company":"例","department":"営業","title":"部長","source":"seminar","campaign":"spring","account":"acct_sample","owner":"kato","locale":"ja","zone":"Asia/Tokyo","tags":["a","b"],"attributes":{"text":"山田 太郎 😀 \"''\\\n","like an instant":"2026-03-01T09:30:00+00:00","like a date":"2026-03-01","whole":4611686018427387904,"real":0.30000000000000004,"round":3.0,"yes":true,"nothing":null,"instant":{"at":"2026-03-01T09:30:00.123456+00:00"},"date":{"on":"1999-12-31"},"many":["a",1,2.5,false,{"at":"2026-03-01T09:30:00.123456+00:00"},{"on":"2000-02-29"}],"none of many":[]},"consents":[{"at":"2026-03-01T09:30:00.123456+00:00","topic":"news","basis":"paper_card","source":"fair","text_version":"2","expires_at":"2027-04-05T09:30:00.123457+00:00"},{"at":"2026-03-01T09:30:00.123456+00:00","channel":"line","purpose":"transactional","given":false}]}');
CREATE TABLE nurture_meta (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "nurture_meta" VALUES('schema','1');
CREATE TABLE nurture_standing (
	tenant TEXT NOT NULL, 
	id TEXT NOT NULL, 
	version BIGINT NOT NULL, 
	due_at BIGINT, 
	dead SMALLINT NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT nurture_standing_pk PRIMARY KEY (tenant, id)
);
INSERT INTO "nurture_standing" VALUES('default','lead_sample',1,1806917400123457,1,'{"subject":"lead_sample","program":"p","stage":"mql","stage_since":"2026-03-01T09:30:00.123456+00:00","scores":{"engagement":{"landmark":512,"partials":[12.25,1e-17],"kept":{"0":[{"at":"2026-03-01T09:30:00.123456+00:00","fact":"fact_sample","points":5.5}]},"keys":{"0":["a","b"]},"constant":-3.5,"above":["hot"]},"fit":{}},"memberships":{"hot":"2026-03-01T09:30:00.123456+00:00"},"enrollments":[{"id":"enr_sample","scenario":"welcome","version":"v","cause":"fact_sample","started_at":"2026-03-01T09:30:00.123456+00:00","run_key":"k","state":"exited","ended_at":"2027-04-05T09:30:00.123457+00:00","reason":"goal","path":[{"step":"0","at":"2026-03-01T09:30:00.123456+00:00","edge":"next"},{"step":"1.then.0","at":"2027-04-05T09:30:00.123457+00:00"}],"until":"2027-04-05T09:30:00.123457+00:00","effect":"eff_sample","since":"2026-03-01T09:30:00.123456+00:00"},{"id":"enr_sample","scenario":"tips","version":"w","cause":"fact_sample","started_at":"2026-03-01T09:30:00.123456+00:00"}],"account":{"text":"山田 太郎 😀 \"''\\\n","like an instant":"2026-03-01T09:30:00+00:00","like a date":"2026-03-01","whole":4611686018427387904,"real":0.30000000000000004,"round":3.0,"yes":true,"nothing":null,"instant":{"at":"2026-03-01T09:30:00.123456+00:00"},"date":{"on":"1999-12-31"},"many":["a",1,2.5,false,{"at":"2026-03-01T09:30:00.123456+00:00"},{"on":"2000-02-29"}],"none of many":[]},"agenda":{"segment:hot":"2027-04-05T09:30:00.123457+00:00"},"advanced_to":"2026-03-01T09:30:00.123456+00:00","due_at":"2027-04-05T09:30:00.123457+00:00","telling":{"fact":"fact_sample","values":{"text":"山田 太郎 😀 \"''\\\n","like an instant":"2026-03-01T09:30:00+00:00","like a date":"2026-03-01","whole":4611686018427387904,"real":0.30000000000000004,"round":3.0,"yes":true,"nothing":null,"instant":{"at":"2026-03-01T09:30:00.123456+00:00"},"date":{"on":"1999-12-31"},"many":["a",1,2.5,false,{"at":"2026-03-01T09:30:00.123456+00:00"},{"on":"2000-02-29"}],"none of many":[]},"after":"lead_a"},"dead":"poison"}');
INSERT INTO "nurture_standing" VALUES('default','lead_default_0',1,NULL,0,'{"subject":"lead_default_0","program":"p"}');
INSERT INTO "nurture_standing" VALUES('default','lead_default_1',1,1773143999999999,0,'{"subject":"lead_default_1","program":"p","advanced_to":"2026-03-01T11:59:59.999999+00:00","due_at":"2026-03-10T11:59:59.999999+00:00"}');
INSERT INTO "nurture_standing" VALUES('default','lead_default_2',1,NULL,0,'{"subject":"lead_default_2","program":"p"}');
INSERT INTO "nurture_standing" VALUES('default','lead_default_3',1,1772971199999997,0,'{"subject":"lead_default_3","program":"p","advanced_to":"2026-02-27T11:59:59.999997+00:00","due_at":"2026-03-08T11:59:59.999997+00:00"}');
INSERT INTO "nurture_standing" VALUES('default','lead_default_4',1,NULL,0,'{"subject":"lead_default_4","program":"p"}');
INSERT INTO "nurture_standing" VALUES('別の会社','lead_sample',1,1806917400123457,1,'{"subject":"lead_sample","program":"p","stage":"mql","stage_since":"2026-03-01T09:30:00.123456+00:00","scores":{"engagement":{"landmark":512,"partials":[12.25,1e-17],"kept":{"0":[{"at":"2026-03-01T09:30:00.123456+00:00","fact":"fact_sample","points":5.5}]},"keys":{"0":["a","b"]},"constant":-3.5,"above":["hot"]},"fit":{}},"memberships":{"hot":"2026-03-01T09:30:00.123456+00:00"},"enrollments":[{"id":"enr_sample","scenario":"welcome","version":"v","cause":"fact_sample","started_at":"2026-03-01T09:30:00.123456+00:00","run_key":"k","state":"exited","ended_at":"2027-04-05T09:30:00.123457+00:00","reason":"goal","path":[{"step":"0","at":"2026-03-01T09:30:00.123456+00:00","edge":"next"},{"step":"1.then.0","at":"2027-04-05T09:30:00.123457+00:00"}],"until":"2027-04-05T09:30:00.123457+00:00","effect":"eff_sample","since":"2026-03-01T09:30:00.123456+00:00"},{"id":"enr_sample","scenario":"tips","version":"w","cause":"fact_sample","started_at":"2026-03-01T09:30:00.123456+00:00"}],"account":{"text":"山田 太郎 😀 \"''\\\n","like an instant":"2026-03-01T09:30:00+00:00","like a date":"2026-03-01","whole":4611686018427387904,"real":0.30000000000000004,"round":3.0,"yes":true,"nothing":null,"instant":{"at":"2026-03-01T09:30:00.123456+00:00"},"date":{"on":"1999-12-31"},"many":["a",1,2.5,false,{"at":"2026-03-01T09:30:00.123456+00:00"},{"on":"2000-02-29"}],"none of many":[]},"agenda":{"segment:hot":"2027-04-05T09:30:00.123457+00:00"},"advanced_to":"2026-03-01T09:30:00.123456+00:00","due_at":"2027-04-05T09:30:00.123457+00:00","telling":{"fact":"fact_sample","values":{"text":"山田 太郎 😀 \"''\\\n","like an instant":"2026-03-01T09:30:00+00:00","like a date":"2026-03-01","whole":4611686018427387904,"real":0.30000000000000004,"round":3.0,"yes":true,"nothing":null,"instant":{"at":"2026-03-01T09:30:00.123456+00:00"},"date":{"on":"1999-12-31"},"many":["a",1,2.5,false,{"at":"2026-03-01T09:30:00.123456+00:00"},{"on":"2000-02-29"}],"none of many":[]},"after":"lead_a"},"dead":"poison"}');
INSERT INTO "nurture_standing" VALUES('別の会社','lead_別の会社_0',1,NULL,0,'{"subject":"lead_別の会社_0","program":"p"}');
INSERT INTO "nurture_standing" VALUES('別の会社','lead_別の会社_1',1,1773143999999999,0,'{"subject":"lead_別の会社_1","program":"p","advanced_to":"2026-03-01T11:59:59.999999+00:00","due_at":"2026-03-10T11:59:59.999999+00:00"}');
INSERT INTO "nurture_standing" VALUES('別の会社','lead_別の会社_2',1,NULL,0,'{"subject":"lead_別の会社_2","program":"p"}');
INSERT INTO "nurture_standing" VALUES('別の会社','lead_別の会社_3',1,1772971199999997,0,'{"subject":"lead_別の会社_3","program":"p","advanced_to":"2026-02-27T11:59:59.999997+00:00","due_at":"2026-03-08T11:59:59.999997+00:00"}');
INSERT INTO "nurture_standing" VALUES('別の会社','lead_別の会社_4',1,NULL,0,'{"subject":"lead_別の会社_4","program":"p"}');
CREATE TABLE nurture_touchpoint (
	tenant TEXT NOT NULL, 
	id TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	received_at BIGINT NOT NULL, 
	origin TEXT NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT nurture_touchpoint_pk PRIMARY KEY (tenant, id)
);
INSERT INTO "nurture_touchpoint" VALUES('default','fact_sample','lead_sample','email.clicked',1772357400123456,1806917400123457,'host','{"properties":{"text":"山田 太郎 😀 \"''\\\n","like an instant":"2026-03-01T09:30:00+00:00","like a date":"2026-03-01","whole":4611686018427387904,"real":0.30000000000000004,"round":3.0,"yes":true,"nothing":null,"instant":{"at":"2026-03-01T09:30:00.123456+00:00"},"date":{"on":"1999-12-31"},"many":["a",1,2.5,false,{"at":"2026-03-01T09:30:00.123456+00:00"},{"on":"2000-02-29"}],"none of many":[]},"channel":"email","campaign":"spring","cause":"eff_sample","suspect":true}');
INSERT INTO "nurture_touchpoint" VALUES('default','fact_default_0','lead_default_0','page.viewed',1772452800000000,1772452800000000,'lead','');
INSERT INTO "nurture_touchpoint" VALUES('default','fact_default_1','lead_default_1','page.viewed',1772452800000000,1772452800000000,'lead','');
INSERT INTO "nurture_touchpoint" VALUES('default','fact_default_2','lead_default_2','page.viewed',1772452800000000,1772452800000000,'lead','');
INSERT INTO "nurture_touchpoint" VALUES('default','fact_default_3','lead_default_3','page.viewed',1772452800000000,1772452800000000,'lead','');
INSERT INTO "nurture_touchpoint" VALUES('default','fact_default_4','lead_default_4','page.viewed',1772452800000000,1772452800000000,'lead','');
INSERT INTO "nurture_touchpoint" VALUES('別の会社','fact_sample','lead_sample','email.clicked',1772357400123456,1806917400123457,'host','{"properties":{"text":"山田 太郎 😀 \"''\\\n","like an instant":"2026-03-01T09:30:00+00:00","like a date":"2026-03-01","whole":4611686018427387904,"real":0.30000000000000004,"round":3.0,"yes":true,"nothing":null,"instant":{"at":"2026-03-01T09:30:00.123456+00:00"},"date":{"on":"1999-12-31"},"many":["a",1,2.5,false,{"at":"2026-03-01T09:30:00.123456+00:00"},{"on":"2000-02-29"}],"none of many":[]},"channel":"email","campaign":"spring","cause":"eff_sample","suspect":true}');
INSERT INTO "nurture_touchpoint" VALUES('別の会社','fact_別の会社_0','lead_別の会社_0','page.viewed',1772452800000000,1772452800000000,'lead','');
INSERT INTO "nurture_touchpoint" VALUES('別の会社','fact_別の会社_1','lead_別の会社_1','page.viewed',1772452800000000,1772452800000000,'lead','');
INSERT INTO "nurture_touchpoint" VALUES('別の会社','fact_別の会社_2','lead_別の会社_2','page.viewed',1772452800000000,1772452800000000,'lead','');
INSERT INTO "nurture_touchpoint" VALUES('別の会社','fact_別の会社_3','lead_別の会社_3','page.viewed',1772452800000000,1772452800000000,'lead','');
INSERT INTO "nurture_touchpoint" VALUES('別の会社','fact_別の会社_4','lead_別の会社_4','page.viewed',1772452800000000,1772452800000000,'lead','');
CREATE INDEX nurture_lead_by_account ON nurture_lead (tenant, account) WHERE account IS NOT NULL;
CREATE INDEX nurture_touchpoint_by_subject ON nurture_touchpoint (tenant, subject, kind, at, id);
CREATE INDEX nurture_inbox_by_due ON nurture_inbox (tenant, due_at, subject);
CREATE INDEX nurture_inbox_by_subject ON nurture_inbox (tenant, subject, due_at);
CREATE INDEX nurture_standing_dead ON nurture_standing (tenant, id) WHERE dead = 1;
CREATE INDEX nurture_standing_by_due ON nurture_standing (tenant, due_at) WHERE due_at IS NOT NULL AND dead = 0;
CREATE INDEX nurture_effect_by_subject ON nurture_effect (tenant, subject, open);
CREATE INDEX nurture_effect_by_due ON nurture_effect (tenant, due_at) WHERE due_at IS NOT NULL AND open = 1;
CREATE INDEX nurture_alias_by_subject ON nurture_alias (tenant, subject);
CREATE INDEX nurture_decision_by_subject ON nurture_decision (tenant, subject, at);
COMMIT;
