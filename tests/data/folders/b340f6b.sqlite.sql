BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('c41f0a6be2d7');
CREATE TABLE areas (
	code TEXT NOT NULL, 
	name TEXT NOT NULL, 
	level TEXT NOT NULL, 
	type TEXT NOT NULL, 
	parent TEXT, 
	depth INTEGER NOT NULL, 
	lat DOUBLE, 
	lon DOUBLE, 
	CONSTRAINT pk_areas PRIMARY KEY (code), 
	CONSTRAINT ck_areas_level CHECK (level IN ('country', 'province', 'city', 'kecamatan', 'kelurahan', 'rw')), 
	CONSTRAINT ck_areas_depth CHECK (depth >= 0 AND depth < 8), 
	CONSTRAINT fk_areas_parent FOREIGN KEY(parent) REFERENCES areas (code)
);
INSERT INTO "areas" VALUES('ID','Indonesia','country','country',NULL,0,NULL,NULL);
INSERT INTO "areas" VALUES('33','Jawa Tengah','province','provinsi','ID',1,NULL,NULL);
INSERT INTO "areas" VALUES('33.74','Kota Semarang','city','kota','33',2,NULL,NULL);
INSERT INTO "areas" VALUES('33.74.07','Semarang Selatan','kecamatan','kecamatan','33.74',3,NULL,NULL);
CREATE TABLE "channels" (
	facility_id TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	newest_observed_at DATETIME NOT NULL, 
	newest_seq BIGINT NOT NULL, 
	newest_recorded_at DATETIME NOT NULL, 
	complete_observed_at DATETIME, 
	complete_seq BIGINT, 
	lines TEXT NOT NULL, 
	CONSTRAINT pk_channels PRIMARY KEY (facility_id, channel), 
	CONSTRAINT ck_channels_channel CHECK (channel IN ('native', 'sirs', 'aplicares', 'siranap_v1', 'fhir', 'sheet', 'form')), 
	CONSTRAINT fk_channels_facility_id FOREIGN KEY(facility_id) REFERENCES facilities (facility_id)
);
INSERT INTO "channels" VALUES('rs-3374010','native','2026-11-25 07:57:40.000000',8,'2026-11-25 08:05:40.179281',NULL,NULL,'[["","icu",null,"2026-11-25T07:56:40+00:00",6,"2026-11-25T08:05:40.162835+00:00",[12,9,0,3,null,null,2,null,null,null,null,"derived"]],["A","hcu",null,"2026-11-25T07:57:40+00:00",8,"2026-11-25T08:05:40.179281+00:00",[6,5,0,1,null,null,null,null,null,null,null,"reported"]]]');
INSERT INTO "channels" VALUES('rs-3374021','native','2026-11-25 08:00:40.000000',10,'2026-11-25 08:05:40.183704','2026-11-25 07:58:40.000000',9,'[["","ward_1",null,"2026-11-25T07:58:40+00:00",9,"2026-11-25T08:05:40.181519+00:00",[40,31,0,9,null,null,null,null,null,null,null,"derived"]],["","burn",null,"2026-11-25T08:00:40+00:00",10,"2026-11-25T08:05:40.183704+00:00",null]]');
INSERT INTO "channels" VALUES('pkm-1','native','2026-11-25 07:59:40.000000',11,'2026-11-25 08:05:40.185808',NULL,NULL,'[["","isolation_bed",null,"2026-11-25T07:59:40+00:00",11,"2026-11-25T08:05:40.185808+00:00",[8,0,0,8,null,null,null,null,null,null,null,"derived"]]]');
INSERT INTO "channels" VALUES('rs-3374021','sirs','2026-11-25 08:05:43.107612',17,'2026-11-25 08:05:43.107612',NULL,NULL,'[["900000001","icu_no_ventilator","ICU Lantai 2","2026-11-25T08:05:43.107612+00:00",17,"2026-11-25T08:05:43.107612+00:00",[5,3,0,2,null,null,null,null,null,null,null,"derived"],"{\"id_tt\":\"6\",\"jumlah\":5,\"jumlah_ruang\":1,\"ruang\":\"ICU Lantai 2\",\"terpakai\":3}"]]');
CREATE TABLE "credentials" (
	prefix TEXT NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	principal TEXT NOT NULL, 
	role TEXT NOT NULL, 
	scope_kind TEXT NOT NULL, 
	scope_id TEXT, 
	name TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	created_by TEXT NOT NULL, 
	expires_at DATETIME, 
	revoked_at DATETIME, 
	channel TEXT, 
	sealed TEXT, 
	CONSTRAINT pk_credentials PRIMARY KEY (prefix), 
	CONSTRAINT ck_credentials_role CHECK (role IN ('hospital', 'subscriber', 'district', 'command', 'operator')), 
	CONSTRAINT ck_credentials_scope_kind CHECK (scope_kind IN ('facility', 'area', 'national')), 
	CONSTRAINT ck_credentials_channel CHECK (channel IN ('native', 'sirs', 'aplicares', 'siranap_v1', 'fhir', 'sheet', 'form'))
);
INSERT INTO "credentials" VALUES('328cb2a62833','047b8e12ccb17b2a443648030cbbcbcb2b6149056f81cf26339e449e66dc39a2','k_3c4e790ac682a24d','command','national',NULL,'Dinkes','2026-11-25 08:05:36.225273','operator',NULL,NULL,NULL,NULL);
INSERT INTO "credentials" VALUES('908c839d8424','c29b6634de1e39581c3bd005155f178e88454bf0925b1c2ee05bfcfa5e2ae42f','k_d67098700444f498','hospital','facility','rs-3374010','','2026-11-25 08:05:37.176678','operator',NULL,NULL,NULL,NULL);
INSERT INTO "credentials" VALUES('698405a94445','87492a22f12bb6483ab700da0fda9027109a3a7fc5d58792920da23ef37169a0','k_43746e4f23afb87a','district','area','33.74','','2026-11-25 08:05:38.417296','operator',NULL,'2026-11-25 08:05:40.202833',NULL,NULL);
INSERT INTO "credentials" VALUES('8c4d773b3522','26d76fa923e54a133a5978dc308d5d7dd28c3aa6060cfa5385d9263c3f3a2c8b','k_261acb14c163944b','hospital','facility','rs-3374021','RS "St. Elisabeth" (sirs)','2026-11-25 08:05:43.021706','operator',NULL,NULL,'sirs',NULL);
INSERT INTO "credentials" VALUES('40112292','18ac6e1a1faf1eb9017415f2954903182010cd28c82562a505a31a4302c7e001','k_96bc220077388309','hospital','facility','rs-3374021','RS "St. Elisabeth" (aplicares)','2026-11-25 08:05:43.051012','operator',NULL,NULL,'aplicares','gAAAAABrBpbXccSozrKaLbMcGlLHU1uSnRJcrFL_HWrI0PKCsunCEiJImlxsIN18ht9Qx2w14cJQX5w_IXxwcYX9g1iLe-WzJdp-_pylcrZvbA3A7EHGigRwX2c7xE870FHSKZ5t_vB3');
INSERT INTO "credentials" VALUES('b07de0e4bc35','e4d5363acc9294223aeecca873b1c04198f0e75d088d6e936641395c55fcbda3','k_226ca4da569e1b2c','hospital','facility','rs-3374021','RS "St. Elisabeth" (siranap_v1)','2026-11-25 08:05:43.059999','operator',NULL,NULL,'siranap_v1',NULL);
CREATE TABLE facilities (
	facility_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	name TEXT NOT NULL, 
	area_code TEXT NOT NULL, 
	operated_by TEXT, 
	lat DOUBLE, 
	lon DOUBLE, 
	phone TEXT, 
	address TEXT, 
	beds_stated INTEGER, 
	counting_channel TEXT, 
	stale_after_seconds INTEGER, 
	silent_after_seconds INTEGER, 
	opened_at DATETIME, 
	closed_at DATETIME, 
	seq BIGINT NOT NULL, 
	CONSTRAINT pk_facilities PRIMARY KEY (facility_id), 
	CONSTRAINT ck_facilities_kind CHECK (kind IN ('hospital', 'clinic', 'isolation_site', 'rw_hall')), 
	CONSTRAINT fk_facilities_area_code FOREIGN KEY(area_code) REFERENCES areas (code)
);
INSERT INTO "facilities" VALUES('rs-3374010','hospital','RS Umum Pusat Dr. Kariadi','33.74.07','country',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,2);
INSERT INTO "facilities" VALUES('rs-3374021','hospital','RS "St. Elisabeth"','33.74','private',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,2);
INSERT INTO "facilities" VALUES('pkm-1','clinic','Puskesmas Pandanaran','33.74.07','city',NULL,NULL,'024 123',NULL,NULL,NULL,NULL,NULL,NULL,NULL,12);
CREATE TABLE identifiers (
	system TEXT NOT NULL, 
	value TEXT NOT NULL, 
	facility_id TEXT NOT NULL, 
	CONSTRAINT pk_identifiers PRIMARY KEY (system, value), 
	CONSTRAINT fk_identifiers_facility_id FOREIGN KEY(facility_id) REFERENCES facilities (facility_id), 
	CONSTRAINT uq_identifiers_facility_id_system UNIQUE (facility_id, system)
);
INSERT INTO "identifiers" VALUES('sirs','3374010','rs-3374010');
INSERT INTO "identifiers" VALUES('sirs','3374021','rs-3374021');
INSERT INTO "identifiers" VALUES('bpjs','1199R021','rs-3374021');
CREATE TABLE ledger (
	seq BIGINT NOT NULL, 
	kind TEXT NOT NULL, 
	recorded_at DATETIME NOT NULL, 
	"by" TEXT NOT NULL, 
	facility_id TEXT, 
	channel TEXT, 
	report_id TEXT, 
	observed_at DATETIME, 
	digest VARCHAR(64), 
	outcome TEXT, 
	warnings TEXT, 
	body TEXT NOT NULL, 
	chain VARCHAR(64) NOT NULL, 
	CONSTRAINT pk_ledger PRIMARY KEY (seq), 
	CONSTRAINT ck_ledger_report CHECK ((kind = 'report') = (report_id IS NOT NULL AND facility_id IS NOT NULL AND channel IS NOT NULL AND observed_at IS NOT NULL AND outcome IS NOT NULL AND digest IS NOT NULL)), 
	CONSTRAINT ck_ledger_kind CHECK (kind IN ('report', 'areas', 'facilities', 'keys')), 
	CONSTRAINT ck_ledger_outcome CHECK (outcome IS NULL OR outcome IN ('applied', 'late')), 
	CONSTRAINT ck_ledger_seq CHECK (seq > 0), 
	CONSTRAINT uq_ledger_by_report_id UNIQUE ("by", report_id)
);
INSERT INTO "ledger" VALUES(1,'areas','2026-11-25 08:05:32.151513','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"areas":[{"code":"ID","level":"country","name":"Indonesia","type":"country"},{"code":"33","level":"province","name":"Jawa Tengah","parent":"ID","type":"provinsi"},{"code":"33.74","level":"city","name":"Kota Semarang","parent":"33","type":"kota"},{"code":"33.74.07","level":"kecamatan","name":"Semarang Selatan","parent":"33.74","type":"kecamatan"}]}','f8bf57c801ad983b35dd9b451e979425266f86a1dca965c1e692a3d9b505f304');
INSERT INTO "ledger" VALUES(2,'facilities','2026-11-25 08:05:35.277277','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"effective_at":"2026-11-25T08:05:35.277277+00:00","facilities":[{"area_code":"33.74.07","facility_id":"rs-3374010","identifiers":{"sirs":"3374010"},"kind":"hospital","name":"RS Umum Pusat Dr. Kariadi","operated_by":"country"},{"area_code":"33.74","facility_id":"rs-3374021","identifiers":{"bpjs":"1199R021","sirs":"3374021"},"kind":"hospital","name":"RS \"St. Elisabeth\"","operated_by":"private"},{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city"}],"reason":"registered"}','5e7400a771fb3510923d6fb55ffc5aef111f84beb7e3e8563d354360e297559f');
INSERT INTO "ledger" VALUES(3,'keys','2026-11-25 08:05:36.225273','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-25T08:05:36.225273+00:00","created_by":"operator","digest":"047b8e12ccb17b2a443648030cbbcbcb2b6149056f81cf26339e449e66dc39a2","name":"Dinkes","prefix":"328cb2a62833","principal":"k_3c4e790ac682a24d","role":"command","scope_kind":"national"}]}','12268754d66b13e34d24c03179cda655a4be75e1e97af6bf0c8f5db094304ee1');
INSERT INTO "ledger" VALUES(4,'keys','2026-11-25 08:05:37.176678','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-25T08:05:37.176678+00:00","created_by":"operator","digest":"c29b6634de1e39581c3bd005155f178e88454bf0925b1c2ee05bfcfa5e2ae42f","name":"","prefix":"908c839d8424","principal":"k_d67098700444f498","role":"hospital","scope_id":"rs-3374010","scope_kind":"facility"}]}','deb1ab7b966dffe156cdee4b8e8c0fb2a94792ddd921964c261fd4d51629ce56');
INSERT INTO "ledger" VALUES(5,'keys','2026-11-25 08:05:38.417296','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-25T08:05:38.417296+00:00","created_by":"operator","digest":"87492a22f12bb6483ab700da0fda9027109a3a7fc5d58792920da23ef37169a0","name":"","prefix":"698405a94445","principal":"k_43746e4f23afb87a","role":"district","scope_id":"33.74","scope_kind":"area"}]}','8bccf0625a16211d52c3102ca51001a2e8055f2d03bc27887f17c83c4de83ead');
INSERT INTO "ledger" VALUES(6,'report','2026-11-25 08:05:40.162835','k_3c4e790ac682a24d','rs-3374010','native','20e188e0-6882-401b-974a-a75ebd0ccaa3','2026-11-25 07:56:40.000000','2507a637c2889892e08b81ed65bce332f0919cb610768a97e35b6a7db9b9d8ca','applied',NULL,'{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":9,"beds_total":12,"queue":2,"ward_code":""}],"observed_at":"2026-11-25T07:56:40+00:00"}','1652452b1cd8e2535155c1ba1f9da197e4339abb406b67765739d374463eb1ef');
INSERT INTO "ledger" VALUES(7,'report','2026-11-25 08:05:40.172205','k_3c4e790ac682a24d','rs-3374010','native','64d12d41-9838-4b91-ac07-5fedd787bbf8','2026-11-25 07:45:40.000000','cf9d5f3d77f3d7e9a0da663bccbafe8ad81d74e185f6660851cdaa705a5559de','late','[["late",0,"a newer figure of this line is known and stands"]]','{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":1,"beds_total":11,"ward_code":""}],"observed_at":"2026-11-25T07:45:40+00:00"}','03cf6694748969f729cd224ccbea37a985f254f20e0088ca1532b87aa08552ed');
INSERT INTO "ledger" VALUES(8,'report','2026-11-25 08:05:40.179281','k_3c4e790ac682a24d','rs-3374010','native','86490a76-a4a0-457e-8b49-4cbbbbb4d0d2','2026-11-25 07:57:40.000000','f59516a1e281baa1697fcf32b5bdd23711d550db134b95eea52a2a4acc9e1d44','applied',NULL,'{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"hcu","beds_available":1,"beds_blocked":0,"beds_total":6,"ward_code":"A"}],"observed_at":"2026-11-25T07:57:40+00:00"}','6d2acc5bd4e40fb7b4171f020631d02e2299686c524089e65c335602d24bbb6a');
INSERT INTO "ledger" VALUES(9,'report','2026-11-25 08:05:40.181519','k_3c4e790ac682a24d','rs-3374021','native','5254df10-34af-4319-b6f4-0b4b8972d9b6','2026-11-25 07:58:40.000000','2a93d89283968e677f5944c29f20856ae0e208a7cb9d672fcc26f20318be9685','applied',NULL,'{"channel":"native","complete":true,"facility_id":"rs-3374021","lines":[{"bed_type":"ward_1","beds_blocked":0,"beds_occupied":31,"beds_total":40,"ward_code":""}],"observed_at":"2026-11-25T07:58:40+00:00"}','5e2e4dd16f9d6bc79b0fe43d9de4efafcf2de0e9ea5548633900290b7e3953c7');
INSERT INTO "ledger" VALUES(10,'report','2026-11-25 08:05:40.183704','k_3c4e790ac682a24d','rs-3374021','native','a9ad97a1-681f-4a6e-9418-9895fd9cefe8','2026-11-25 08:00:40.000000','e9a61e80e9a2e1ceb579b92a0067047eb6c1846948e806416943ffa5fbb9251a','applied',NULL,'{"channel":"native","complete":false,"facility_id":"rs-3374021","lines":[{"bed_type":"burn","closed":true,"ward_code":""}],"observed_at":"2026-11-25T08:00:40+00:00"}','6d7ca370cb89c15861b157312c4b48309fc129363d28b79c1e34fc460d7c5307');
INSERT INTO "ledger" VALUES(11,'report','2026-11-25 08:05:40.185808','k_3c4e790ac682a24d','pkm-1','native','8c6c6519-c06d-4252-adf4-2c21885d5afc','2026-11-25 07:59:40.000000','a4c2ae77570dc964773bdfb8e35c54d7f7684d18815bb6513217fc2721766eb9','applied',NULL,'{"channel":"native","complete":false,"facility_id":"pkm-1","lines":[{"bed_type":"isolation_bed","beds_blocked":0,"beds_occupied":0,"beds_total":8,"ward_code":""}],"observed_at":"2026-11-25T07:59:40+00:00"}','b5e696b4bb35a13ac9405858fbe9835b6a033b5da853979c0505e854bbbb1154');
INSERT INTO "ledger" VALUES(12,'facilities','2026-11-25 08:05:40.191087','k_3c4e790ac682a24d',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"effective_at":"2026-11-25T08:05:40.191087+00:00","facilities":[{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city","phone":"024 123"}],"reason":"new telephone"}','835bab11fc1ede665c13e3751f909d11bd4c938b8a353fc4bfc3a9b2071e420e');
INSERT INTO "ledger" VALUES(13,'keys','2026-11-25 08:05:40.202833','k_3c4e790ac682a24d',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-25T08:05:38.417296+00:00","created_by":"operator","digest":"87492a22f12bb6483ab700da0fda9027109a3a7fc5d58792920da23ef37169a0","name":"","prefix":"698405a94445","principal":"k_43746e4f23afb87a","revoked_at":"2026-11-25T08:05:40.202833+00:00","role":"district","scope_id":"33.74","scope_kind":"area"}]}','e38a8311b98eb5ed06156626fcd8fa2c7c5cae1c91959a21e153d66134b5fc68');
INSERT INTO "ledger" VALUES(14,'keys','2026-11-25 08:05:43.021706','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"channel":"sirs","created_at":"2026-11-25T08:05:43.021706+00:00","created_by":"operator","digest":"26d76fa923e54a133a5978dc308d5d7dd28c3aa6060cfa5385d9263c3f3a2c8b","name":"RS \"St. Elisabeth\" (sirs)","prefix":"8c4d773b3522","principal":"k_261acb14c163944b","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility"}]}','404c033ce86fc24680051eabde63764c9124dcaa4b756cb9e83adfe6db3cbef6');
INSERT INTO "ledger" VALUES(15,'keys','2026-11-25 08:05:43.051012','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"channel":"aplicares","created_at":"2026-11-25T08:05:43.051012+00:00","created_by":"operator","digest":"18ac6e1a1faf1eb9017415f2954903182010cd28c82562a505a31a4302c7e001","name":"RS \"St. Elisabeth\" (aplicares)","prefix":"40112292","principal":"k_96bc220077388309","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility","sealed":"gAAAAABrBpbXccSozrKaLbMcGlLHU1uSnRJcrFL_HWrI0PKCsunCEiJImlxsIN18ht9Qx2w14cJQX5w_IXxwcYX9g1iLe-WzJdp-_pylcrZvbA3A7EHGigRwX2c7xE870FHSKZ5t_vB3"}]}','14d1a22479889bb980ea8f47de583bc5559ca1a2874094cfefd7d31a69f59900');
INSERT INTO "ledger" VALUES(16,'keys','2026-11-25 08:05:43.059999','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"channel":"siranap_v1","created_at":"2026-11-25T08:05:43.059999+00:00","created_by":"operator","digest":"e4d5363acc9294223aeecca873b1c04198f0e75d088d6e936641395c55fcbda3","name":"RS \"St. Elisabeth\" (siranap_v1)","prefix":"b07de0e4bc35","principal":"k_226ca4da569e1b2c","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility"}]}','27276784d37e1860e0e862daa959806f9c60593a3c5276a897e6bac95c22ee0d');
INSERT INTO "ledger" VALUES(17,'report','2026-11-25 08:05:43.107612','k_261acb14c163944b','rs-3374021','sirs','6a7a44e2-5736-4945-82bf-79ee23f1c0f1','2026-11-25 08:05:43.107612','d8c4c8108136b7cb5a2eb81ce1538c110cfb36f8bc1380772f87a2dcc7dad60d','applied',NULL,'{"channel":"sirs","complete":false,"facility_id":"rs-3374021","lines":[{"bed_type":"icu_no_ventilator","beds_blocked":0,"beds_occupied":3,"beds_total":5,"details":"{\"id_tt\":\"6\",\"jumlah\":5,\"jumlah_ruang\":1,\"ruang\":\"ICU Lantai 2\",\"terpakai\":3}","ward_code":"900000001","ward_name":"ICU Lantai 2"}],"observed_at":"2026-11-25T08:05:43.107612+00:00"}','4ee3a7ebef1f2607e2f8b62b4a4dc6ee633c5544fa1a488e212c577a2dbfb315');
CREATE TABLE messages (
	id INTEGER NOT NULL, 
	facility_id TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	received_at DATETIME NOT NULL, 
	request TEXT NOT NULL, 
	outcome TEXT NOT NULL, 
	status INTEGER NOT NULL, 
	detail TEXT, 
	clock_skew_seconds BIGINT, 
	address TEXT, 
	request_id TEXT NOT NULL, 
	seq BIGINT, 
	CONSTRAINT pk_messages PRIMARY KEY (id), 
	CONSTRAINT ck_messages_channel CHECK (channel IN ('native', 'sirs', 'aplicares', 'siranap_v1', 'fhir', 'sheet', 'form')), 
	CONSTRAINT ck_messages_outcome CHECK (outcome IN ('accepted', 'flagged', 'refused')), 
	CONSTRAINT fk_messages_facility_id FOREIGN KEY(facility_id) REFERENCES facilities (facility_id)
);
INSERT INTO "messages" VALUES(1,'rs-3374021','sirs','2026-11-25 08:05:43.111844','PUT /fo/index.php/Fasyankes','accepted',200,NULL,0,'127.0.0.1','7cfea9cc158da7d0c553c837a41f9f75',17);
CREATE TABLE waiting_rows (
	facility_id TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	row_id TEXT NOT NULL, 
	said TEXT NOT NULL, 
	received_at DATETIME NOT NULL, 
	times INTEGER NOT NULL, 
	CONSTRAINT pk_waiting_rows PRIMARY KEY (facility_id, channel, row_id), 
	CONSTRAINT ck_waiting_rows_channel CHECK (channel IN ('native', 'sirs', 'aplicares', 'siranap_v1', 'fhir', 'sheet', 'form')), 
	CONSTRAINT fk_waiting_rows_facility_id FOREIGN KEY(facility_id) REFERENCES facilities (facility_id)
);
INSERT INTO "waiting_rows" VALUES('rs-3374021','sirs','999','{"counts":{"jumlah":5,"terpakai":3},"covid":null,"ruang":null}','2026-11-25 08:05:43.125986',1);
CREATE INDEX ix_areas_parent ON areas (parent);
CREATE INDEX ix_ledger_facility_id_observed_at ON ledger (facility_id, observed_at);
CREATE INDEX ix_ledger_facility_id_seq ON ledger (facility_id, seq);
CREATE INDEX ix_facilities_area_code ON facilities (area_code);
CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE INDEX ix_credentials_principal ON credentials (principal);
CREATE INDEX ix_messages_facility_id_id ON messages (facility_id, id);
COMMIT;
