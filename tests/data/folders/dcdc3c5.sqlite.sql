BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('b07d5e3c9a41');
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
INSERT INTO "channels" VALUES('rs-3374010','native','2026-11-25 07:55:24.000000',8,'2026-11-25 08:03:24.802531',NULL,NULL,'[["","icu",null,"2026-11-25T07:54:24+00:00",6,"2026-11-25T08:03:24.783797+00:00",[12,9,0,3,null,null,2,null,null,null,null,"derived"]],["A","hcu",null,"2026-11-25T07:55:24+00:00",8,"2026-11-25T08:03:24.802531+00:00",[6,5,0,1,null,null,null,null,null,null,null,"reported"]]]');
INSERT INTO "channels" VALUES('rs-3374021','native','2026-11-25 07:58:24.000000',10,'2026-11-25 08:03:24.808222','2026-11-25 07:56:24.000000',9,'[["","ward_1",null,"2026-11-25T07:56:24+00:00",9,"2026-11-25T08:03:24.805289+00:00",[40,31,0,9,null,null,null,null,null,null,null,"derived"]],["","burn",null,"2026-11-25T07:58:24+00:00",10,"2026-11-25T08:03:24.808222+00:00",null]]');
INSERT INTO "channels" VALUES('pkm-1','native','2026-11-25 07:57:24.000000',11,'2026-11-25 08:03:24.811323',NULL,NULL,'[["","isolation_bed",null,"2026-11-25T07:57:24+00:00",11,"2026-11-25T08:03:24.811323+00:00",[8,0,0,8,null,null,null,null,null,null,null,"derived"]]]');
CREATE TABLE credentials (
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
	CONSTRAINT pk_credentials PRIMARY KEY (prefix), 
	CONSTRAINT ck_credentials_role CHECK (role IN ('hospital', 'subscriber', 'district', 'command', 'operator')), 
	CONSTRAINT ck_credentials_scope_kind CHECK (scope_kind IN ('facility', 'area', 'national'))
);
INSERT INTO "credentials" VALUES('5f8bb863d171','7185f11a81567d6d40f0b7efa136ef140dd1492f8f3674ca131b90b7fa269519','k_bbb2b747cc70e795','command','national',NULL,'Dinkes','2026-11-25 08:03:21.953893','operator',NULL,NULL);
INSERT INTO "credentials" VALUES('d89fef3602ac','c664f21bac685e2d85edf6962aef63cd5a3cc95f44031f89fb82d5b965f97d49','k_ecc38799e88cd1a2','hospital','facility','rs-3374010','','2026-11-25 08:03:22.857004','operator',NULL,NULL);
INSERT INTO "credentials" VALUES('01eccc07f1f4','17ba114985f112c3f839be01a6e6c7a313260e2822a9b3175044584da565d21c','k_8d85791486067e79','district','area','33.74','','2026-11-25 08:03:23.701679','operator',NULL,'2026-11-25 08:03:24.831085');
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
INSERT INTO "ledger" VALUES(1,'areas','2026-11-25 08:03:19.220606','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"areas":[{"code":"ID","level":"country","name":"Indonesia","type":"country"},{"code":"33","level":"province","name":"Jawa Tengah","parent":"ID","type":"provinsi"},{"code":"33.74","level":"city","name":"Kota Semarang","parent":"33","type":"kota"},{"code":"33.74.07","level":"kecamatan","name":"Semarang Selatan","parent":"33.74","type":"kecamatan"}]}','2e475cbd0cba8febf158ccf32f238a734b0956dcd5e05fe649927be5148b4480');
INSERT INTO "ledger" VALUES(2,'facilities','2026-11-25 08:03:21.089967','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"effective_at":"2026-11-25T08:03:21.089967+00:00","facilities":[{"area_code":"33.74.07","facility_id":"rs-3374010","identifiers":{"sirs":"3374010"},"kind":"hospital","name":"RS Umum Pusat Dr. Kariadi","operated_by":"country"},{"area_code":"33.74","facility_id":"rs-3374021","identifiers":{"bpjs":"1199R021","sirs":"3374021"},"kind":"hospital","name":"RS \"St. Elisabeth\"","operated_by":"private"},{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city"}],"reason":"registered"}','780996781d03140e9ef12a8738b76fa189dfd56cdcb214524bb76582a2390174');
INSERT INTO "ledger" VALUES(3,'keys','2026-11-25 08:03:21.953893','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-25T08:03:21.953893+00:00","created_by":"operator","digest":"7185f11a81567d6d40f0b7efa136ef140dd1492f8f3674ca131b90b7fa269519","name":"Dinkes","prefix":"5f8bb863d171","principal":"k_bbb2b747cc70e795","role":"command","scope_kind":"national"}]}','312ff5c18e4a24e95f513641d9c2e5ee42adc5f57bbf5b1d432769d2cbc406a9');
INSERT INTO "ledger" VALUES(4,'keys','2026-11-25 08:03:22.857004','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-25T08:03:22.857004+00:00","created_by":"operator","digest":"c664f21bac685e2d85edf6962aef63cd5a3cc95f44031f89fb82d5b965f97d49","name":"","prefix":"d89fef3602ac","principal":"k_ecc38799e88cd1a2","role":"hospital","scope_id":"rs-3374010","scope_kind":"facility"}]}','f77bbca65e9ceb0ea07807af2c049a2b722c9ed71db198b4c39506c8a428e86e');
INSERT INTO "ledger" VALUES(5,'keys','2026-11-25 08:03:23.701679','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-25T08:03:23.701679+00:00","created_by":"operator","digest":"17ba114985f112c3f839be01a6e6c7a313260e2822a9b3175044584da565d21c","name":"","prefix":"01eccc07f1f4","principal":"k_8d85791486067e79","role":"district","scope_id":"33.74","scope_kind":"area"}]}','8ad0079997cba11c4b5d0aba525273a5a5ca221f34463948cade13dfd38fa00b');
INSERT INTO "ledger" VALUES(6,'report','2026-11-25 08:03:24.783797','k_bbb2b747cc70e795','rs-3374010','native','a212f6c6-3057-489e-94e3-cdb2a62056af','2026-11-25 07:54:24.000000','a012ebb2a0c8f84043b906525c3362c451be4d0cd02238b9bf91d76ebbb77536','applied',NULL,'{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":9,"beds_total":12,"queue":2,"ward_code":""}],"observed_at":"2026-11-25T07:54:24+00:00"}','4a352646be9ab4ce53fa5ee3ed57e47c5096882c9e5ef6b60c27a6fcd600b4ac');
INSERT INTO "ledger" VALUES(7,'report','2026-11-25 08:03:24.799281','k_bbb2b747cc70e795','rs-3374010','native','6b5c0caf-bc25-4d1a-be47-c4181c576748','2026-11-25 07:43:24.000000','72a72a429664776e297e3d5de593674aad39a78da47798dcc8282bf43b6dd225','late','[["late",0,"a newer figure of this line is known and stands"]]','{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":1,"beds_total":11,"ward_code":""}],"observed_at":"2026-11-25T07:43:24+00:00"}','d92ae2dd8bf6bbc6d7fe01e9c63f8507ee11762c3eeb7dc748921490a114fc68');
INSERT INTO "ledger" VALUES(8,'report','2026-11-25 08:03:24.802531','k_bbb2b747cc70e795','rs-3374010','native','f9c2e555-0b2f-4d86-adbe-7a06dd1c0bc3','2026-11-25 07:55:24.000000','ced5b1ea1c633528841717fc09bafa6917d5b349e0415ee76ad67565680c324f','applied',NULL,'{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"hcu","beds_available":1,"beds_blocked":0,"beds_total":6,"ward_code":"A"}],"observed_at":"2026-11-25T07:55:24+00:00"}','545f7a3d0dab6a31b20df42f79a178e73c520349f19c16c384f9eeae69fb05cb');
INSERT INTO "ledger" VALUES(9,'report','2026-11-25 08:03:24.805289','k_bbb2b747cc70e795','rs-3374021','native','0e739f82-6a81-42d7-9e46-f67808877e64','2026-11-25 07:56:24.000000','cd6e31147f7c92c5617827aad1b45392f4d4b1bd0c1c777bd8fa1c342baa16f0','applied',NULL,'{"channel":"native","complete":true,"facility_id":"rs-3374021","lines":[{"bed_type":"ward_1","beds_blocked":0,"beds_occupied":31,"beds_total":40,"ward_code":""}],"observed_at":"2026-11-25T07:56:24+00:00"}','3d22d6df14203305a1873009ca9e516d4569fefbeb95800c1555d60785c83264');
INSERT INTO "ledger" VALUES(10,'report','2026-11-25 08:03:24.808222','k_bbb2b747cc70e795','rs-3374021','native','a082cbd6-dd6c-4ee8-8ca1-19bbb3c46d85','2026-11-25 07:58:24.000000','31106de904783d25f0a62c7d402400e05441f357a4eec7dd5b953a1a7255b8b1','applied',NULL,'{"channel":"native","complete":false,"facility_id":"rs-3374021","lines":[{"bed_type":"burn","closed":true,"ward_code":""}],"observed_at":"2026-11-25T07:58:24+00:00"}','f344ab42de20bb1fbb1155fccc90dabeb8ef2deb340ab9dee9e6ad8926517235');
INSERT INTO "ledger" VALUES(11,'report','2026-11-25 08:03:24.811323','k_bbb2b747cc70e795','pkm-1','native','9699d9ac-b034-49f1-a866-0920593be140','2026-11-25 07:57:24.000000','d7e46a730a45252fb67cb73cfdd502f41680c7fff677e81b280f331c6017db9d','applied',NULL,'{"channel":"native","complete":false,"facility_id":"pkm-1","lines":[{"bed_type":"isolation_bed","beds_blocked":0,"beds_occupied":0,"beds_total":8,"ward_code":""}],"observed_at":"2026-11-25T07:57:24+00:00"}','c18eb551f10f8281c80d7d75f8f88bd501b17adbec4580ccf11d137efd70c91b');
INSERT INTO "ledger" VALUES(12,'facilities','2026-11-25 08:03:24.817523','k_bbb2b747cc70e795',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"effective_at":"2026-11-25T08:03:24.817523+00:00","facilities":[{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city","phone":"024 123"}],"reason":"new telephone"}','8b1a5db8b2bfd9a2fbeef480963cbee9124d509ab3f0402409cba435af906211');
INSERT INTO "ledger" VALUES(13,'keys','2026-11-25 08:03:24.831085','k_bbb2b747cc70e795',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-25T08:03:23.701679+00:00","created_by":"operator","digest":"17ba114985f112c3f839be01a6e6c7a313260e2822a9b3175044584da565d21c","name":"","prefix":"01eccc07f1f4","principal":"k_8d85791486067e79","revoked_at":"2026-11-25T08:03:24.831085+00:00","role":"district","scope_id":"33.74","scope_kind":"area"}]}','d7ab1f67d08a0dc9ea92775e294afdcaa73d258bfb77360ce8fff35a2535dd99');
CREATE INDEX ix_areas_parent ON areas (parent);
CREATE INDEX ix_credentials_principal ON credentials (principal);
CREATE INDEX ix_ledger_facility_id_observed_at ON ledger (facility_id, observed_at);
CREATE INDEX ix_ledger_facility_id_seq ON ledger (facility_id, seq);
CREATE INDEX ix_facilities_area_code ON facilities (area_code);
CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
COMMIT;
