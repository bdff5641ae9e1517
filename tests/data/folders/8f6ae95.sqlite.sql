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
INSERT INTO "channels" VALUES('rs-3374010','native','2026-11-25 07:58:04.000000',8,'2026-11-25 08:06:04.198791',NULL,NULL,'[["","icu",null,"2026-11-25T07:57:04+00:00",6,"2026-11-25T08:06:04.181669+00:00",[12,9,0,3,null,null,2,null,null,null,null,"derived"]],["A","hcu",null,"2026-11-25T07:58:04+00:00",8,"2026-11-25T08:06:04.198791+00:00",[6,5,0,1,null,null,null,null,null,null,null,"reported"]]]');
INSERT INTO "channels" VALUES('rs-3374021','native','2026-11-25 08:01:04.000000',10,'2026-11-25 08:06:04.205859','2026-11-25 07:59:04.000000',9,'[["","ward_1",null,"2026-11-25T07:59:04+00:00",9,"2026-11-25T08:06:04.202459+00:00",[40,31,0,9,null,null,null,null,null,null,null,"derived"]],["","burn",null,"2026-11-25T08:01:04+00:00",10,"2026-11-25T08:06:04.205859+00:00",null]]');
INSERT INTO "channels" VALUES('pkm-1','native','2026-11-25 08:00:04.000000',11,'2026-11-25 08:06:04.209191',NULL,NULL,'[["","isolation_bed",null,"2026-11-25T08:00:04+00:00",11,"2026-11-25T08:06:04.209191+00:00",[8,0,0,8,null,null,null,null,null,null,null,"derived"]]]');
INSERT INTO "channels" VALUES('rs-3374021','sirs','2026-11-25 08:06:06.514162',17,'2026-11-25 08:06:06.514162',NULL,NULL,'[["900000001","icu_no_ventilator","ICU Lantai 2","2026-11-25T08:06:06.514162+00:00",17,"2026-11-25T08:06:06.514162+00:00",[5,3,0,2,null,null,null,null,null,null,null,"derived"],"{\"id_tt\":\"6\",\"jumlah\":5,\"jumlah_ruang\":1,\"ruang\":\"ICU Lantai 2\",\"terpakai\":3}"]]');
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
	CONSTRAINT ck_credentials_scope_kind CHECK (scope_kind IN ('facility', 'area', 'national')), 
	CONSTRAINT ck_credentials_role CHECK (role IN ('hospital', 'subscriber', 'district', 'command', 'operator')), 
	CONSTRAINT ck_credentials_channel CHECK (channel IN ('native', 'sirs', 'aplicares', 'siranap_v1', 'fhir', 'sheet', 'form'))
);
INSERT INTO "credentials" VALUES('5d01120fd9a1','19766ce985e54d7d529836b366ed0088ac92d2cb5bf9bc7bc6eecb2e18cc75dd','k_c2bf4df0087fa706','command','national',NULL,'Dinkes','2026-11-25 08:06:01.234068','operator',NULL,NULL,NULL,NULL);
INSERT INTO "credentials" VALUES('19a221c1d51c','7d3024d3fcbdc0dbc0cc9ad0c46afb77cbc13097abaa27ed301a3bab4ac018ee','k_7608a14ff8bff0b7','hospital','facility','rs-3374010','','2026-11-25 08:06:02.178659','operator',NULL,NULL,NULL,NULL);
INSERT INTO "credentials" VALUES('2e06e74b5112','2be13a19f93f245f177262a8aa70e1ee6ed409e8ba59d0ed85b9f5d913e4ba88','k_045a1d17a1cb07cb','district','area','33.74','','2026-11-25 08:06:03.129115','operator',NULL,'2026-11-25 08:06:04.229670',NULL,NULL);
INSERT INTO "credentials" VALUES('49fb929a7990','292f0a6aff73a04f928c8a2f2b84f695a3b5478984dc3872477dfa1bd20ed8e2','k_0b105df03a71fd3d','hospital','facility','rs-3374021','RS "St. Elisabeth" (sirs)','2026-11-25 08:06:06.466456','operator',NULL,NULL,'sirs',NULL);
INSERT INTO "credentials" VALUES('26284053','d574b04c408f82e2a9c4cbb8a078a70fdb78ff0a14163a439520598e4c9be135','k_b8d254c4387f1f69','hospital','facility','rs-3374021','RS "St. Elisabeth" (aplicares)','2026-11-25 08:06:06.473893','operator',NULL,NULL,'aplicares','gAAAAABrBpbuTpxFLrDy2tOwR4hDQdIUZLwFCsnDY0hVMODzleY8WTRD-ZT6YYKqV0YcShHGnXOvYubJPTY5Zx8pTF4YK3aim6ynrwLFuS7zIvv2vjMgiK7ogbTIr4PUSR-tBAOeyEk2');
INSERT INTO "credentials" VALUES('48118606a309','2038f891212fec08bde203901cc88ddfaf707815b69e597321fb63b2d53a6d1e','k_3ed1970a96059b6f','hospital','facility','rs-3374021','RS "St. Elisabeth" (siranap_v1)','2026-11-25 08:06:06.477331','operator',NULL,NULL,'siranap_v1',NULL);
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
	seq BIGINT NOT NULL, switches TEXT, 
	CONSTRAINT pk_facilities PRIMARY KEY (facility_id), 
	CONSTRAINT ck_facilities_kind CHECK (kind IN ('hospital', 'clinic', 'isolation_site', 'rw_hall')), 
	CONSTRAINT fk_facilities_area_code FOREIGN KEY(area_code) REFERENCES areas (code)
);
INSERT INTO "facilities" VALUES('rs-3374010','hospital','RS Umum Pusat Dr. Kariadi','33.74.07','country',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,2,NULL);
INSERT INTO "facilities" VALUES('rs-3374021','hospital','RS "St. Elisabeth"','33.74','private',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,2,NULL);
INSERT INTO "facilities" VALUES('pkm-1','clinic','Puskesmas Pandanaran','33.74.07','city',NULL,NULL,'024 123',NULL,NULL,NULL,NULL,NULL,NULL,NULL,12,NULL);
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
INSERT INTO "ledger" VALUES(1,'areas','2026-11-25 08:05:58.095219','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"areas":[{"code":"ID","level":"country","name":"Indonesia","type":"country"},{"code":"33","level":"province","name":"Jawa Tengah","parent":"ID","type":"provinsi"},{"code":"33.74","level":"city","name":"Kota Semarang","parent":"33","type":"kota"},{"code":"33.74.07","level":"kecamatan","name":"Semarang Selatan","parent":"33.74","type":"kecamatan"}]}','76cd4d5fe26eaf47e44870eac444ae3d22e348604838dc6712538653e19c376e');
INSERT INTO "ledger" VALUES(2,'facilities','2026-11-25 08:06:00.261182','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"effective_at":"2026-11-25T08:06:00.261182+00:00","facilities":[{"area_code":"33.74.07","facility_id":"rs-3374010","identifiers":{"sirs":"3374010"},"kind":"hospital","name":"RS Umum Pusat Dr. Kariadi","operated_by":"country"},{"area_code":"33.74","facility_id":"rs-3374021","identifiers":{"bpjs":"1199R021","sirs":"3374021"},"kind":"hospital","name":"RS \"St. Elisabeth\"","operated_by":"private"},{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city"}],"reason":"registered"}','cbc83250081c41267625bed68fda70059f42d3a96f66a3f752709dfc12219f10');
INSERT INTO "ledger" VALUES(3,'keys','2026-11-25 08:06:01.234068','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-25T08:06:01.234068+00:00","created_by":"operator","digest":"19766ce985e54d7d529836b366ed0088ac92d2cb5bf9bc7bc6eecb2e18cc75dd","name":"Dinkes","prefix":"5d01120fd9a1","principal":"k_c2bf4df0087fa706","role":"command","scope_kind":"national"}]}','a8f79cc6be36b989c3485dbded6a1b3e934d0349e843957f55175d7a846ca3e7');
INSERT INTO "ledger" VALUES(4,'keys','2026-11-25 08:06:02.178659','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-25T08:06:02.178659+00:00","created_by":"operator","digest":"7d3024d3fcbdc0dbc0cc9ad0c46afb77cbc13097abaa27ed301a3bab4ac018ee","name":"","prefix":"19a221c1d51c","principal":"k_7608a14ff8bff0b7","role":"hospital","scope_id":"rs-3374010","scope_kind":"facility"}]}','800643df03728df7fe1e5150dca90a03eab34ec76ec23100f5db7e9c90e07bda');
INSERT INTO "ledger" VALUES(5,'keys','2026-11-25 08:06:03.129115','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-25T08:06:03.129115+00:00","created_by":"operator","digest":"2be13a19f93f245f177262a8aa70e1ee6ed409e8ba59d0ed85b9f5d913e4ba88","name":"","prefix":"2e06e74b5112","principal":"k_045a1d17a1cb07cb","role":"district","scope_id":"33.74","scope_kind":"area"}]}','23ce8a84218e860ec3029428d217f3a6c5417ae647058bd0f43073835e97ba84');
INSERT INTO "ledger" VALUES(6,'report','2026-11-25 08:06:04.181669','k_c2bf4df0087fa706','rs-3374010','native','aea20c8e-83a1-4dce-b485-6cec12a95c0b','2026-11-25 07:57:04.000000','666198de5cbce0340e000a3a842135bd23f3c34a0ae1388876d65c2cd0488169','applied',NULL,'{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":9,"beds_total":12,"queue":2,"ward_code":""}],"observed_at":"2026-11-25T07:57:04+00:00"}','1dff7a00eca64c2166d7c88ef2c0ca837e1703eea555bb14fd0445e2ce3d73f8');
INSERT INTO "ledger" VALUES(7,'report','2026-11-25 08:06:04.195275','k_c2bf4df0087fa706','rs-3374010','native','4cb27347-0a4b-41d5-a558-93f43a2dc843','2026-11-25 07:46:04.000000','45b14be2042d1d1a86c28bb7ed5fded5d1d03fe0ffdad43d2468a1c1ebf7585a','late','[["late",0,"a newer figure of this line is known and stands"]]','{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":1,"beds_total":11,"ward_code":""}],"observed_at":"2026-11-25T07:46:04+00:00"}','1baf205037c373da29421abbd2e260a70ebb8af8e9960977d58204e21cddbb2f');
INSERT INTO "ledger" VALUES(8,'report','2026-11-25 08:06:04.198791','k_c2bf4df0087fa706','rs-3374010','native','c0c8c14b-77dc-487f-8b43-65bab82aaf61','2026-11-25 07:58:04.000000','fcab7ad6b447030d987253c606cd7ac7b64c74a13328ac455e89347c22d3cdd1','applied',NULL,'{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"hcu","beds_available":1,"beds_blocked":0,"beds_total":6,"ward_code":"A"}],"observed_at":"2026-11-25T07:58:04+00:00"}','4cc5663f1e1d2fcfab41d5b2d064e615b8be2295d0a606b2374a5a5df0fa2bb7');
INSERT INTO "ledger" VALUES(9,'report','2026-11-25 08:06:04.202459','k_c2bf4df0087fa706','rs-3374021','native','3fbe1d5e-17c9-477f-b6a9-005327205dec','2026-11-25 07:59:04.000000','a8f0648e9592e9eed29a2ae4cd7fa555417e18fa486fda5152c2d8e271e29e52','applied',NULL,'{"channel":"native","complete":true,"facility_id":"rs-3374021","lines":[{"bed_type":"ward_1","beds_blocked":0,"beds_occupied":31,"beds_total":40,"ward_code":""}],"observed_at":"2026-11-25T07:59:04+00:00"}','d1d833d0f9d8be36e047f63e7ea46657ed0449d4f23fe76bbbf333000934deae');
INSERT INTO "ledger" VALUES(10,'report','2026-11-25 08:06:04.205859','k_c2bf4df0087fa706','rs-3374021','native','54170874-2ab9-404e-90aa-fbafc6be7873','2026-11-25 08:01:04.000000','f8252667704fe2ba7e098a2f4b5d9d36dfb4a21ebda318b49c5d54a0a9528344','applied',NULL,'{"channel":"native","complete":false,"facility_id":"rs-3374021","lines":[{"bed_type":"burn","closed":true,"ward_code":""}],"observed_at":"2026-11-25T08:01:04+00:00"}','d343222beaaf42b7424811841e3026decd769e641bc9cc7974942668b57ec2a9');
INSERT INTO "ledger" VALUES(11,'report','2026-11-25 08:06:04.209191','k_c2bf4df0087fa706','pkm-1','native','ea838bba-f3bd-490b-9c63-df246ce32ff0','2026-11-25 08:00:04.000000','466f855279855834d082097506e82ec8f919ac013d3b1233a6338bf91c3b1627','applied',NULL,'{"channel":"native","complete":false,"facility_id":"pkm-1","lines":[{"bed_type":"isolation_bed","beds_blocked":0,"beds_occupied":0,"beds_total":8,"ward_code":""}],"observed_at":"2026-11-25T08:00:04+00:00"}','197c4ab75786ecc3e3b398f606ecd03882fe4d4c4a598a952c8dd193d4d06e41');
INSERT INTO "ledger" VALUES(12,'facilities','2026-11-25 08:06:04.216015','k_c2bf4df0087fa706',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"effective_at":"2026-11-25T08:06:04.216015+00:00","facilities":[{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city","phone":"024 123"}],"reason":"new telephone"}','76b49dc250ad5f0acea71b4a1436b27c0f1652a94413b0ba88ec37e61468d1e0');
INSERT INTO "ledger" VALUES(13,'keys','2026-11-25 08:06:04.229670','k_c2bf4df0087fa706',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-25T08:06:03.129115+00:00","created_by":"operator","digest":"2be13a19f93f245f177262a8aa70e1ee6ed409e8ba59d0ed85b9f5d913e4ba88","name":"","prefix":"2e06e74b5112","principal":"k_045a1d17a1cb07cb","revoked_at":"2026-11-25T08:06:04.229670+00:00","role":"district","scope_id":"33.74","scope_kind":"area"}]}','8efdb548adca313e7cb4a35987617ef0b215326260e29a4edfbfee7fd5fcf431');
INSERT INTO "ledger" VALUES(14,'keys','2026-11-25 08:06:06.466456','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"channel":"sirs","created_at":"2026-11-25T08:06:06.466456+00:00","created_by":"operator","digest":"292f0a6aff73a04f928c8a2f2b84f695a3b5478984dc3872477dfa1bd20ed8e2","name":"RS \"St. Elisabeth\" (sirs)","prefix":"49fb929a7990","principal":"k_0b105df03a71fd3d","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility"}]}','eb7afbaf69fd8c38445f85dab1f9f6618cc26ab1931573ee991a8334708f633b');
INSERT INTO "ledger" VALUES(15,'keys','2026-11-25 08:06:06.473893','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"channel":"aplicares","created_at":"2026-11-25T08:06:06.473893+00:00","created_by":"operator","digest":"d574b04c408f82e2a9c4cbb8a078a70fdb78ff0a14163a439520598e4c9be135","name":"RS \"St. Elisabeth\" (aplicares)","prefix":"26284053","principal":"k_b8d254c4387f1f69","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility","sealed":"gAAAAABrBpbuTpxFLrDy2tOwR4hDQdIUZLwFCsnDY0hVMODzleY8WTRD-ZT6YYKqV0YcShHGnXOvYubJPTY5Zx8pTF4YK3aim6ynrwLFuS7zIvv2vjMgiK7ogbTIr4PUSR-tBAOeyEk2"}]}','356fccd877558b1e63633a3d99ce59250e3ac2bcd921d4bbf8756687f30865e4');
INSERT INTO "ledger" VALUES(16,'keys','2026-11-25 08:06:06.477331','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"channel":"siranap_v1","created_at":"2026-11-25T08:06:06.477331+00:00","created_by":"operator","digest":"2038f891212fec08bde203901cc88ddfaf707815b69e597321fb63b2d53a6d1e","name":"RS \"St. Elisabeth\" (siranap_v1)","prefix":"48118606a309","principal":"k_3ed1970a96059b6f","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility"}]}','91515be8c3d2fc1949ec193f549252c8a2be9c34e6c357a7715f51da1fecac0f');
INSERT INTO "ledger" VALUES(17,'report','2026-11-25 08:06:06.514162','k_0b105df03a71fd3d','rs-3374021','sirs','c6365b96-3240-41e8-9493-93acf2948539','2026-11-25 08:06:06.514162','f9f2b91463bb469d6b6880e1d9cffdea78a4192d44782985cc80fdc67b2f352e','applied',NULL,'{"channel":"sirs","complete":false,"facility_id":"rs-3374021","lines":[{"bed_type":"icu_no_ventilator","beds_blocked":0,"beds_occupied":3,"beds_total":5,"details":"{\"id_tt\":\"6\",\"jumlah\":5,\"jumlah_ruang\":1,\"ruang\":\"ICU Lantai 2\",\"terpakai\":3}","ward_code":"900000001","ward_name":"ICU Lantai 2"}],"observed_at":"2026-11-25T08:06:06.514162+00:00"}','a4d4b55fcdd46db7a5fbaeb9e60b0fbcecbfeb0d0813e75a48e4b630dac65695');
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
INSERT INTO "messages" VALUES(1,'rs-3374010','native','2026-11-25 08:06:04.189959','POST /v1/facilities/rs-3374010/reports','accepted',201,NULL,NULL,'127.0.0.1','73e682be75adbf9c937a67b0eae85bf3',6);
INSERT INTO "messages" VALUES(2,'rs-3374010','native','2026-11-25 08:06:04.197285','POST /v1/facilities/rs-3374010/reports','flagged',201,'late: a newer figure of this line is known and stands',NULL,'127.0.0.1','24c8ef9ccb0e232a1625205d80989963',7);
INSERT INTO "messages" VALUES(3,'rs-3374010','native','2026-11-25 08:06:04.201160','POST /v1/facilities/rs-3374010/reports','accepted',201,NULL,NULL,'127.0.0.1','f26a0cec134e5328cb921a34142004fc',8);
INSERT INTO "messages" VALUES(4,'rs-3374021','native','2026-11-25 08:06:04.204723','POST /v1/facilities/rs-3374021/reports','accepted',201,NULL,NULL,'127.0.0.1','04dad0ea31f7d31ba7c574655990c221',9);
INSERT INTO "messages" VALUES(5,'rs-3374021','native','2026-11-25 08:06:04.207954','POST /v1/facilities/rs-3374021/reports','accepted',201,NULL,NULL,'127.0.0.1','4b560264f70da304cde4eec248ffb9a2',10);
INSERT INTO "messages" VALUES(6,'pkm-1','native','2026-11-25 08:06:04.211343','POST /v1/facilities/pkm-1/reports','accepted',201,NULL,NULL,'127.0.0.1','c567b875c72bb84818c5e721bac63397',11);
INSERT INTO "messages" VALUES(7,'rs-3374021','sirs','2026-11-25 08:06:06.516801','PUT /fo/index.php/Fasyankes','accepted',200,NULL,-1,'127.0.0.1','be6004bdec2b0b83e3dec8525e57c8ae',17);
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
INSERT INTO "waiting_rows" VALUES('rs-3374021','sirs','999','{"counts":{"jumlah":5,"terpakai":3},"covid":null,"ruang":null}','2026-11-25 08:06:06.523427',1);
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
