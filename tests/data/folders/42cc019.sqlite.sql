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
INSERT INTO "channels" VALUES('rs-3374010','native','2026-11-25 07:58:27.000000',8,'2026-11-25 08:06:27.155082',NULL,NULL,'[["","icu",null,"2026-11-25T07:57:27+00:00",6,"2026-11-25T08:06:27.138266+00:00",[12,9,0,3,null,null,2,null,null,null,null,"derived"]],["A","hcu",null,"2026-11-25T07:58:27+00:00",8,"2026-11-25T08:06:27.155082+00:00",[6,5,0,1,null,null,null,null,null,null,null,"reported"]]]');
INSERT INTO "channels" VALUES('rs-3374021','native','2026-11-25 08:01:27.000000',10,'2026-11-25 08:06:27.160993','2026-11-25 07:59:27.000000',9,'[["","ward_1",null,"2026-11-25T07:59:27+00:00",9,"2026-11-25T08:06:27.158022+00:00",[40,31,0,9,null,null,null,null,null,null,null,"derived"]],["","burn",null,"2026-11-25T08:01:27+00:00",10,"2026-11-25T08:06:27.160993+00:00",null]]');
INSERT INTO "channels" VALUES('pkm-1','native','2026-11-25 08:00:27.000000',11,'2026-11-25 08:06:27.163825',NULL,NULL,'[["","isolation_bed",null,"2026-11-25T08:00:27+00:00",11,"2026-11-25T08:06:27.163825+00:00",[8,0,0,8,null,null,null,null,null,null,null,"derived"]]]');
INSERT INTO "channels" VALUES('rs-3374021','sirs','2026-11-25 08:06:29.673415',17,'2026-11-25 08:06:29.673415',NULL,NULL,'[["900000001","icu_no_ventilator","ICU Lantai 2","2026-11-25T08:06:29.673415+00:00",17,"2026-11-25T08:06:29.673415+00:00",[5,3,0,2,null,null,null,null,null,null,null,"derived"],"{\"id_tt\":\"6\",\"jumlah\":5,\"jumlah_ruang\":1,\"ruang\":\"ICU Lantai 2\",\"terpakai\":3}"]]');
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
INSERT INTO "credentials" VALUES('2df261e3b4a0','9fb2f31bbb9353c77d99117ecb2cd63f4a671b9740ce1c00d2ed0f7ed519d6ce','k_c5b8d96fcc7ff5a9','command','national',NULL,'Dinkes','2026-11-25 08:06:23.946331','operator',NULL,NULL,NULL,NULL);
INSERT INTO "credentials" VALUES('5b76780d8293','2a7d95ec6b9163deb5704f609485181dc0024c0356906b2d750658750cc3db60','k_1579f99022a4f682','hospital','facility','rs-3374010','','2026-11-25 08:06:24.983591','operator',NULL,NULL,NULL,NULL);
INSERT INTO "credentials" VALUES('d2afb259290e','80bba199dcb21b0f821c495ea214cf5225580ffb91057227ef30a7a886cf5794','k_1f2926d3baef91bb','district','area','33.74','','2026-11-25 08:06:25.985079','operator',NULL,'2026-11-25 08:06:27.179462',NULL,NULL);
INSERT INTO "credentials" VALUES('148f41213d7f','db6c9f55dbc2cad2cdd7451f592f8fd2ac1dc51cc98fe6073f0924557ac4c286','k_32f20e66e73f06ce','hospital','facility','rs-3374021','RS "St. Elisabeth" (sirs)','2026-11-25 08:06:29.590101','operator',NULL,NULL,'sirs',NULL);
INSERT INTO "credentials" VALUES('88802022','da2e525f3d44fbf2d65914a90a538e1de4539171bb39b50583692c9cd34f71db','k_464eccc84bcbdfed','hospital','facility','rs-3374021','RS "St. Elisabeth" (aplicares)','2026-11-25 08:06:29.609660','operator',NULL,NULL,'aplicares','gAAAAABrBpcF9v6G81vNxRcN6kR9pXuRDAsMT_hZVwLEdOBvfbgrg_ClOaBVPckxOklS5UEoPLXFUvDg5tMcGeXmUIKcWb1yP1Nxa3gnDg_U0PUwkB09v6pfRPvKjNhcTQhVhTwsvBYQ');
INSERT INTO "credentials" VALUES('c07513cab588','9efb14933d76c6dc9168799fb7fc73c9805207db72b3c8438fe62a0212ea4f58','k_02830f1231288fc2','hospital','facility','rs-3374021','RS "St. Elisabeth" (siranap_v1)','2026-11-25 08:06:29.626717','operator',NULL,NULL,'siranap_v1',NULL);
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
INSERT INTO "ledger" VALUES(1,'areas','2026-11-25 08:06:20.515041','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"areas":[{"code":"ID","level":"country","name":"Indonesia","type":"country"},{"code":"33","level":"province","name":"Jawa Tengah","parent":"ID","type":"provinsi"},{"code":"33.74","level":"city","name":"Kota Semarang","parent":"33","type":"kota"},{"code":"33.74.07","level":"kecamatan","name":"Semarang Selatan","parent":"33.74","type":"kecamatan"}]}','d9eb3a65dc9b2be5d738895fe410d62cd8ea217a06fa4720901df99e01df3df0');
INSERT INTO "ledger" VALUES(2,'facilities','2026-11-25 08:06:22.837753','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"effective_at":"2026-11-25T08:06:22.837753+00:00","facilities":[{"area_code":"33.74.07","facility_id":"rs-3374010","identifiers":{"sirs":"3374010"},"kind":"hospital","name":"RS Umum Pusat Dr. Kariadi","operated_by":"country"},{"area_code":"33.74","facility_id":"rs-3374021","identifiers":{"bpjs":"1199R021","sirs":"3374021"},"kind":"hospital","name":"RS \"St. Elisabeth\"","operated_by":"private"},{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city"}],"reason":"registered"}','71e97938d3b12143644d159aeb7ea5cbd984c28ac8b1b1e6410327865a6264bf');
INSERT INTO "ledger" VALUES(3,'keys','2026-11-25 08:06:23.946331','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-25T08:06:23.946331+00:00","created_by":"operator","digest":"9fb2f31bbb9353c77d99117ecb2cd63f4a671b9740ce1c00d2ed0f7ed519d6ce","name":"Dinkes","prefix":"2df261e3b4a0","principal":"k_c5b8d96fcc7ff5a9","role":"command","scope_kind":"national"}]}','e65551ca73757e41ef465664769acce907188a1ac4b108f3eefbdbadf29a7c6c');
INSERT INTO "ledger" VALUES(4,'keys','2026-11-25 08:06:24.983591','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-25T08:06:24.983591+00:00","created_by":"operator","digest":"2a7d95ec6b9163deb5704f609485181dc0024c0356906b2d750658750cc3db60","name":"","prefix":"5b76780d8293","principal":"k_1579f99022a4f682","role":"hospital","scope_id":"rs-3374010","scope_kind":"facility"}]}','47475594b6a24918693d35789cb6882b86f8562f465a53032006da6a2a6474d6');
INSERT INTO "ledger" VALUES(5,'keys','2026-11-25 08:06:25.985079','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-25T08:06:25.985079+00:00","created_by":"operator","digest":"80bba199dcb21b0f821c495ea214cf5225580ffb91057227ef30a7a886cf5794","name":"","prefix":"d2afb259290e","principal":"k_1f2926d3baef91bb","role":"district","scope_id":"33.74","scope_kind":"area"}]}','df6d48d15b77d4f1dfa65b4241ff65522b0c06fc6e0fbd2968d2b5cfa04b69a5');
INSERT INTO "ledger" VALUES(6,'report','2026-11-25 08:06:27.138266','k_c5b8d96fcc7ff5a9','rs-3374010','native','f11b5e79-3fd6-4c7e-ba3f-ae064208d4b3','2026-11-25 07:57:27.000000','c8f4def85e871bf844931983e207c22d7528f09e64ebb8c2b2c1f572e5d6d0b2','applied',NULL,'{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":9,"beds_total":12,"queue":2,"ward_code":""}],"observed_at":"2026-11-25T07:57:27+00:00"}','a1c693230dcbfea0490cc20e82f2098c7c6aeb17ed61cf949dddba94c491c13f');
INSERT INTO "ledger" VALUES(7,'report','2026-11-25 08:06:27.151799','k_c5b8d96fcc7ff5a9','rs-3374010','native','5e81f394-1080-48e1-991c-a11984f05f7c','2026-11-25 07:46:27.000000','177a88abeb9443d8cdde67178b0bf79195a9268d9429c26bad60ce27c1483b5e','late','[["late",0,"a newer figure of this line is known and stands"]]','{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":1,"beds_total":11,"ward_code":""}],"observed_at":"2026-11-25T07:46:27+00:00"}','ec8c09d138ae0be8b1505575ef02548e9ace4002ff19c504fe82f2a93a7fe820');
INSERT INTO "ledger" VALUES(8,'report','2026-11-25 08:06:27.155082','k_c5b8d96fcc7ff5a9','rs-3374010','native','303e5e03-64c2-4b8d-b1f3-a8de60728592','2026-11-25 07:58:27.000000','dfd2d0aab5a1e2966f6caf473a1096948a5fbfe26b96775ea990f97b32684362','applied',NULL,'{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"hcu","beds_available":1,"beds_blocked":0,"beds_total":6,"ward_code":"A"}],"observed_at":"2026-11-25T07:58:27+00:00"}','6ac6f0fe8a635273b7fc0ff1af78ccbef6df361e9e5c27e5c288cf73852bc11d');
INSERT INTO "ledger" VALUES(9,'report','2026-11-25 08:06:27.158022','k_c5b8d96fcc7ff5a9','rs-3374021','native','6c1009b7-7323-4de4-b428-8b848ac73e85','2026-11-25 07:59:27.000000','dacf23668aee63724c4c601d5d7e349628d00da2d8ac783447a398bedbff49fb','applied',NULL,'{"channel":"native","complete":true,"facility_id":"rs-3374021","lines":[{"bed_type":"ward_1","beds_blocked":0,"beds_occupied":31,"beds_total":40,"ward_code":""}],"observed_at":"2026-11-25T07:59:27+00:00"}','fc1c8c14ed1d4131a41d5170cc6ad1698a666b305d55fdd4c91248e0223ad6d7');
INSERT INTO "ledger" VALUES(10,'report','2026-11-25 08:06:27.160993','k_c5b8d96fcc7ff5a9','rs-3374021','native','812706c1-01f9-4b29-b661-7a933091e984','2026-11-25 08:01:27.000000','70907801b2e7e61baac0e2bbb2f2d3c1ee7fe0659299d45c8d566ae8376855f3','applied',NULL,'{"channel":"native","complete":false,"facility_id":"rs-3374021","lines":[{"bed_type":"burn","closed":true,"ward_code":""}],"observed_at":"2026-11-25T08:01:27+00:00"}','d28cb4baaa403f49815850ecde3f84b6194af744df4f822ba358ec2b50ebe905');
INSERT INTO "ledger" VALUES(11,'report','2026-11-25 08:06:27.163825','k_c5b8d96fcc7ff5a9','pkm-1','native','22341832-26ee-49b6-aea2-d2589bd584fb','2026-11-25 08:00:27.000000','57432689f8f7c39151cf0c048c9c19ed763a10004b717af3727a3219070d8613','applied',NULL,'{"channel":"native","complete":false,"facility_id":"pkm-1","lines":[{"bed_type":"isolation_bed","beds_blocked":0,"beds_occupied":0,"beds_total":8,"ward_code":""}],"observed_at":"2026-11-25T08:00:27+00:00"}','49911ba6ad1a8c8150469751dd87ce8a1d199474f69d71c954a17603c3c034b6');
INSERT INTO "ledger" VALUES(12,'facilities','2026-11-25 08:06:27.170040','k_c5b8d96fcc7ff5a9',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"effective_at":"2026-11-25T08:06:27.170040+00:00","facilities":[{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city","phone":"024 123"}],"reason":"new telephone"}','30d277ccb38373aff44af2553228e8ea0a82b93c9360567175f380d609da499e');
INSERT INTO "ledger" VALUES(13,'keys','2026-11-25 08:06:27.179462','k_c5b8d96fcc7ff5a9',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-25T08:06:25.985079+00:00","created_by":"operator","digest":"80bba199dcb21b0f821c495ea214cf5225580ffb91057227ef30a7a886cf5794","name":"","prefix":"d2afb259290e","principal":"k_1f2926d3baef91bb","revoked_at":"2026-11-25T08:06:27.179462+00:00","role":"district","scope_id":"33.74","scope_kind":"area"}]}','4981d6fd7aec37fac5d8b2ac1bff9ef70cd4b8648f810729e13be8688ef6fe72');
INSERT INTO "ledger" VALUES(14,'keys','2026-11-25 08:06:29.590101','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"channel":"sirs","created_at":"2026-11-25T08:06:29.590101+00:00","created_by":"operator","digest":"db6c9f55dbc2cad2cdd7451f592f8fd2ac1dc51cc98fe6073f0924557ac4c286","name":"RS \"St. Elisabeth\" (sirs)","prefix":"148f41213d7f","principal":"k_32f20e66e73f06ce","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility"}]}','46081c9133a3722d7482ac675680b30f2d2bbbd2d2160d7de25099a64c5ae994');
INSERT INTO "ledger" VALUES(15,'keys','2026-11-25 08:06:29.609660','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"channel":"aplicares","created_at":"2026-11-25T08:06:29.609660+00:00","created_by":"operator","digest":"da2e525f3d44fbf2d65914a90a538e1de4539171bb39b50583692c9cd34f71db","name":"RS \"St. Elisabeth\" (aplicares)","prefix":"88802022","principal":"k_464eccc84bcbdfed","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility","sealed":"gAAAAABrBpcF9v6G81vNxRcN6kR9pXuRDAsMT_hZVwLEdOBvfbgrg_ClOaBVPckxOklS5UEoPLXFUvDg5tMcGeXmUIKcWb1yP1Nxa3gnDg_U0PUwkB09v6pfRPvKjNhcTQhVhTwsvBYQ"}]}','33a83e271b84959aa75860f52a315cf17c16fe173921cbce79d8dca3583937d9');
INSERT INTO "ledger" VALUES(16,'keys','2026-11-25 08:06:29.626717','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"channel":"siranap_v1","created_at":"2026-11-25T08:06:29.626717+00:00","created_by":"operator","digest":"9efb14933d76c6dc9168799fb7fc73c9805207db72b3c8438fe62a0212ea4f58","name":"RS \"St. Elisabeth\" (siranap_v1)","prefix":"c07513cab588","principal":"k_02830f1231288fc2","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility"}]}','ae3359f6d49357b9bd3ccc3bfc2f134318945450e04ba0bc5d026923046f0dad');
INSERT INTO "ledger" VALUES(17,'report','2026-11-25 08:06:29.673415','k_32f20e66e73f06ce','rs-3374021','sirs','c7c19ee9-a687-4ee8-aa9b-e434682ec4a1','2026-11-25 08:06:29.673415','ab5dea733ade928fc46c8613ad1f974d51fcd22407a3727259deafed110b60fc','applied',NULL,'{"channel":"sirs","complete":false,"facility_id":"rs-3374021","lines":[{"bed_type":"icu_no_ventilator","beds_blocked":0,"beds_occupied":3,"beds_total":5,"details":"{\"id_tt\":\"6\",\"jumlah\":5,\"jumlah_ruang\":1,\"ruang\":\"ICU Lantai 2\",\"terpakai\":3}","ward_code":"900000001","ward_name":"ICU Lantai 2"}],"observed_at":"2026-11-25T08:06:29.673415+00:00"}','877be95934d57227cb70286cb02bb23c21ad2834f5d067ba878872310e4b52c1');
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
INSERT INTO "messages" VALUES(1,'rs-3374010','native','2026-11-25 08:06:27.149944','POST /v1/facilities/rs-3374010/reports','accepted',201,NULL,NULL,'127.0.0.1','5ae4f170976985b3bb33b78ef46f0181',6);
INSERT INTO "messages" VALUES(2,'rs-3374010','native','2026-11-25 08:06:27.153780','POST /v1/facilities/rs-3374010/reports','flagged',201,'late: a newer figure of this line is known and stands',NULL,'127.0.0.1','41b6cdfdbce41c099a9754d61d5080d0',7);
INSERT INTO "messages" VALUES(3,'rs-3374010','native','2026-11-25 08:06:27.156924','POST /v1/facilities/rs-3374010/reports','accepted',201,NULL,NULL,'127.0.0.1','e75a76662d81c03fc792fc283ec00e0a',8);
INSERT INTO "messages" VALUES(4,'rs-3374021','native','2026-11-25 08:06:27.159831','POST /v1/facilities/rs-3374021/reports','accepted',201,NULL,NULL,'127.0.0.1','2512e45953e8fac22f3754ca02365553',9);
INSERT INTO "messages" VALUES(5,'rs-3374021','native','2026-11-25 08:06:27.162795','POST /v1/facilities/rs-3374021/reports','accepted',201,NULL,NULL,'127.0.0.1','0d12843bbe0730b68b4684cbf10cfeca',10);
INSERT INTO "messages" VALUES(6,'pkm-1','native','2026-11-25 08:06:27.165800','POST /v1/facilities/pkm-1/reports','accepted',201,NULL,NULL,'127.0.0.1','deaecc6a84ebf642428907d87b133509',11);
INSERT INTO "messages" VALUES(7,'rs-3374021','sirs','2026-11-25 08:06:29.677011','PUT /fo/index.php/Fasyankes','accepted',200,NULL,-1,'127.0.0.1','abe1eed4ed338af90d398678c4df90f9',17);
INSERT INTO "messages" VALUES(8,'rs-3374021','sirs','2026-11-25 08:06:29.696601','PUT /fo/index.php/Fasyankes','refused',200,'id_t_tt 999 tidak ditemukan; laporan disimpan untuk dipetakan petugas',-1,'127.0.0.1','137fd379a759d09898b9639c077b3f7f',NULL);
CREATE TABLE relay_accounts (
	facility_id TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	sealed TEXT, 
	sent INTEGER NOT NULL, 
	refused INTEGER NOT NULL, 
	dropped INTEGER NOT NULL, 
	last_sent_at DATETIME, 
	last_status INTEGER, 
	last_answer TEXT, 
	failures INTEGER NOT NULL, 
	last_failure_at DATETIME, 
	last_failure TEXT, 
	next_attempt_at DATETIME, 
	CONSTRAINT pk_relay_accounts PRIMARY KEY (facility_id, channel), 
	CONSTRAINT ck_relay_accounts_channel CHECK (channel IN ('native', 'sirs', 'aplicares', 'siranap_v1', 'fhir', 'sheet', 'form')), 
	CONSTRAINT fk_relay_accounts_facility_id FOREIGN KEY(facility_id) REFERENCES facilities (facility_id)
);
CREATE TABLE relay_leases (
	name TEXT NOT NULL, 
	holder TEXT NOT NULL, 
	until DATETIME NOT NULL, 
	CONSTRAINT pk_relay_leases PRIMARY KEY (name)
);
CREATE TABLE relay_queue (
	id INTEGER NOT NULL, 
	facility_id TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	"row" TEXT NOT NULL, 
	method TEXT NOT NULL, 
	path TEXT NOT NULL, 
	body BLOB NOT NULL, 
	received_at DATETIME NOT NULL, 
	attempts INTEGER NOT NULL, 
	CONSTRAINT pk_relay_queue PRIMARY KEY (id), 
	CONSTRAINT ck_relay_queue_channel CHECK (channel IN ('native', 'sirs', 'aplicares', 'siranap_v1', 'fhir', 'sheet', 'form')), 
	CONSTRAINT fk_relay_queue_facility_id FOREIGN KEY(facility_id) REFERENCES facilities (facility_id)
);
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
INSERT INTO "waiting_rows" VALUES('rs-3374021','sirs','999','{"counts":{"jumlah":5,"terpakai":3},"covid":null,"ruang":null}','2026-11-25 08:06:29.680738',1);
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
CREATE INDEX ix_relay_queue_facility_id_channel_row_id ON relay_queue (facility_id, channel, "row", id);
COMMIT;
