BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('5c3f0d8a71e2');
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
INSERT INTO "channels" VALUES('rs-3374010','native','2026-11-25 07:58:53.000000',8,'2026-11-25 08:06:53.028322',NULL,NULL,'[["","icu",null,"2026-11-25T07:57:53+00:00",6,"2026-11-25T08:06:53.016667+00:00",[12,9,0,3,null,null,2,null,null,null,null,"derived"]],["A","hcu",null,"2026-11-25T07:58:53+00:00",8,"2026-11-25T08:06:53.028322+00:00",[6,5,0,1,null,null,null,null,null,null,null,"reported"]]]');
INSERT INTO "channels" VALUES('rs-3374021','native','2026-11-25 08:01:53.000000',10,'2026-11-25 08:06:53.034200','2026-11-25 07:59:53.000000',9,'[["","ward_1",null,"2026-11-25T07:59:53+00:00",9,"2026-11-25T08:06:53.031591+00:00",[40,31,0,9,null,null,null,null,null,null,null,"derived"]],["","burn",null,"2026-11-25T08:01:53+00:00",10,"2026-11-25T08:06:53.034200+00:00",null]]');
INSERT INTO "channels" VALUES('pkm-1','native','2026-11-25 08:00:53.000000',11,'2026-11-25 08:06:53.037116',NULL,NULL,'[["","isolation_bed",null,"2026-11-25T08:00:53+00:00",11,"2026-11-25T08:06:53.037116+00:00",[8,0,0,8,null,null,null,null,null,null,null,"derived"]]]');
INSERT INTO "channels" VALUES('rs-3374021','sirs','2026-11-25 08:06:55.710731',17,'2026-11-25 08:06:55.710731',NULL,NULL,'[["900000001","icu_no_ventilator","ICU Lantai 2","2026-11-25T08:06:55.710731+00:00",17,"2026-11-25T08:06:55.710731+00:00",[5,3,0,2,null,null,null,null,null,null,null,"derived"],"{\"id_tt\":\"6\",\"jumlah\":5,\"jumlah_ruang\":1,\"ruang\":\"ICU Lantai 2\",\"terpakai\":3}"]]');
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
	sealed TEXT, seq BIGINT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_credentials PRIMARY KEY (prefix), 
	CONSTRAINT ck_credentials_role CHECK (role IN ('hospital', 'subscriber', 'district', 'command', 'operator')), 
	CONSTRAINT ck_credentials_scope_kind CHECK (scope_kind IN ('facility', 'area', 'national')), 
	CONSTRAINT ck_credentials_channel CHECK (channel IN ('native', 'sirs', 'aplicares', 'siranap_v1', 'fhir', 'sheet', 'form'))
);
INSERT INTO "credentials" VALUES('ba554f5a7be6','2275d6d52ad207a6a33e16b9d371c35a97175e3e4ecffa02f5b3c7e017b90b5a','k_2b8beb31cdd229b2','command','national',NULL,'Dinkes','2026-11-25 08:06:49.111473','operator',NULL,NULL,NULL,NULL,3);
INSERT INTO "credentials" VALUES('133ed1de7e51','1a8c3514458308346e41dcc0e0e19a1fb17721b21eebfd75baa19a8017697eda','k_6a8aa21584f95fc1','hospital','facility','rs-3374010','','2026-11-25 08:06:50.354879','operator',NULL,NULL,NULL,NULL,4);
INSERT INTO "credentials" VALUES('08138c882714','7470f557d8a39da71e88092bc45bef6eec2e19f0a3c4971249baa0a7c7b05c10','k_790340c5ccbca1cd','district','area','33.74','','2026-11-25 08:06:51.523675','operator',NULL,'2026-11-25 08:06:53.058725',NULL,NULL,5);
INSERT INTO "credentials" VALUES('ca8ab38489c0','d77958c48858d132ea71068dad1d5c554404df38a5d7dcee39b2a3c77171c4ae','k_1577fc0f08421730','hospital','facility','rs-3374021','RS "St. Elisabeth" (sirs)','2026-11-25 08:06:55.669190','operator',NULL,NULL,'sirs',NULL,14);
INSERT INTO "credentials" VALUES('69429976','e4bba344e75d93e7c136337005cdec943febd710f0b40d9261cc3d721f0a4f13','k_187fb77f22b5802d','hospital','facility','rs-3374021','RS "St. Elisabeth" (aplicares)','2026-11-25 08:06:55.669190','operator',NULL,NULL,'aplicares','gAAAAABrBpcfwHNhsWkl_T0MUA1eJ1-0Uar8WnSN01pklsj-kBVkgdRFKA3P89neBZSn-cCxGlnF-0eaSqocGBCtusP-VdlXYRVfYOBettjTnltypLf-igks1zB1aNRlDxTbIpdEbnjw',15);
INSERT INTO "credentials" VALUES('8f0d7783b2ec','9f5a717a86dce4b84660c8e35e944d12a024d0f10f7080d69cdf8153cbc93475','k_2aaaae3944525830','hospital','facility','rs-3374021','RS "St. Elisabeth" (siranap_v1)','2026-11-25 08:06:55.669190','operator',NULL,NULL,'siranap_v1',NULL,16);
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
INSERT INTO "ledger" VALUES(1,'areas','2026-11-25 08:06:45.471114','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"areas":[{"code":"ID","level":"country","name":"Indonesia","type":"country"},{"code":"33","level":"province","name":"Jawa Tengah","parent":"ID","type":"provinsi"},{"code":"33.74","level":"city","name":"Kota Semarang","parent":"33","type":"kota"},{"code":"33.74.07","level":"kecamatan","name":"Semarang Selatan","parent":"33.74","type":"kecamatan"}]}','9d51e5450146215811fa8eca5f84397ef015c17f6845ebb61b9a6fac9e21586d');
INSERT INTO "ledger" VALUES(2,'facilities','2026-11-25 08:06:47.893780','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"effective_at":"2026-11-25T08:06:47.893780+00:00","facilities":[{"area_code":"33.74.07","facility_id":"rs-3374010","identifiers":{"sirs":"3374010"},"kind":"hospital","name":"RS Umum Pusat Dr. Kariadi","operated_by":"country"},{"area_code":"33.74","facility_id":"rs-3374021","identifiers":{"bpjs":"1199R021","sirs":"3374021"},"kind":"hospital","name":"RS \"St. Elisabeth\"","operated_by":"private"},{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city"}],"reason":"registered"}','39ecebc9c2713f99108636727a95c7f7c3aaaf0705d612b36627a30a2859587d');
INSERT INTO "ledger" VALUES(3,'keys','2026-11-25 08:06:49.111473','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-25T08:06:49.111473+00:00","created_by":"operator","digest":"2275d6d52ad207a6a33e16b9d371c35a97175e3e4ecffa02f5b3c7e017b90b5a","name":"Dinkes","prefix":"ba554f5a7be6","principal":"k_2b8beb31cdd229b2","role":"command","scope_kind":"national"}]}','13b3c6aa40664db38dc92a536c83054bb0bbb2c73c60ba8e331687cc275c3ac8');
INSERT INTO "ledger" VALUES(4,'keys','2026-11-25 08:06:50.354879','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-25T08:06:50.354879+00:00","created_by":"operator","digest":"1a8c3514458308346e41dcc0e0e19a1fb17721b21eebfd75baa19a8017697eda","name":"","prefix":"133ed1de7e51","principal":"k_6a8aa21584f95fc1","role":"hospital","scope_id":"rs-3374010","scope_kind":"facility"}]}','3749ee98da561a8ec58552b33ce3591dcdead2dffe31699642ad1864f80cd0b7');
INSERT INTO "ledger" VALUES(5,'keys','2026-11-25 08:06:51.523675','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-25T08:06:51.523675+00:00","created_by":"operator","digest":"7470f557d8a39da71e88092bc45bef6eec2e19f0a3c4971249baa0a7c7b05c10","name":"","prefix":"08138c882714","principal":"k_790340c5ccbca1cd","role":"district","scope_id":"33.74","scope_kind":"area"}]}','4c85f25677965d0ccd3985dba5e28fecdd90cc797594c3a6989f591d784e4864');
INSERT INTO "ledger" VALUES(6,'report','2026-11-25 08:06:53.016667','k_2b8beb31cdd229b2','rs-3374010','native','3c03a631-cb68-4217-b3dc-3fadcb270092','2026-11-25 07:57:53.000000','ff20c41494ae2bf314b68267fc496d1156c0fca6dc71b9d380a929c6f62b8a2a','applied',NULL,'{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":9,"beds_total":12,"queue":2,"ward_code":""}],"observed_at":"2026-11-25T07:57:53+00:00"}','95fcb61af1d058a270571728577a3f27e854ecb19307143dc6c7ce269ad56583');
INSERT INTO "ledger" VALUES(7,'report','2026-11-25 08:06:53.025206','k_2b8beb31cdd229b2','rs-3374010','native','93d524ff-b21d-4745-aade-037559d6eec0','2026-11-25 07:46:53.000000','7c86c4259c8a955b8c7cc7c9193349c34d89862a0a1bf915013092b8cbe26428','late','[["late",0,"a newer figure of this line is known and stands"]]','{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":1,"beds_total":11,"ward_code":""}],"observed_at":"2026-11-25T07:46:53+00:00"}','c85f1530a0d79fe44458cc44b84603cc23a7ad37d0a44c9499e694be6232db5d');
INSERT INTO "ledger" VALUES(8,'report','2026-11-25 08:06:53.028322','k_2b8beb31cdd229b2','rs-3374010','native','5dd091e1-3ecf-4125-a0aa-a73b41db49f4','2026-11-25 07:58:53.000000','2d036971e5d26f09f8dabb1cdc940cd5f870089365bfcbc3199bed7c017a6c86','applied',NULL,'{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"hcu","beds_available":1,"beds_blocked":0,"beds_total":6,"ward_code":"A"}],"observed_at":"2026-11-25T07:58:53+00:00"}','667554db3f7ba37138faacf465d9f76a3f3ca0b7f8bddce4538c1b815f123917');
INSERT INTO "ledger" VALUES(9,'report','2026-11-25 08:06:53.031591','k_2b8beb31cdd229b2','rs-3374021','native','95abfa07-aac8-44ad-a57e-2b85ba86e790','2026-11-25 07:59:53.000000','bb77fee44db45a6ecf411687899a51f47f771bc207228ac01a94f88c33976a95','applied',NULL,'{"channel":"native","complete":true,"facility_id":"rs-3374021","lines":[{"bed_type":"ward_1","beds_blocked":0,"beds_occupied":31,"beds_total":40,"ward_code":""}],"observed_at":"2026-11-25T07:59:53+00:00"}','aadd73e74657e78c360f483cf8a3a07d2fcd4e2862c9e6398096bff95bf3ddf8');
INSERT INTO "ledger" VALUES(10,'report','2026-11-25 08:06:53.034200','k_2b8beb31cdd229b2','rs-3374021','native','3eb36f6d-1712-4536-a228-8444cd3e5a73','2026-11-25 08:01:53.000000','04bbadbb960b1493b336a7086b32c56a9c690d37f4e2219406e521e7ef03d272','applied',NULL,'{"channel":"native","complete":false,"facility_id":"rs-3374021","lines":[{"bed_type":"burn","closed":true,"ward_code":""}],"observed_at":"2026-11-25T08:01:53+00:00"}','f534953b674686e67a2d11dd6a6dbe3bac138ae82e50702c784230c939eca91a');
INSERT INTO "ledger" VALUES(11,'report','2026-11-25 08:06:53.037116','k_2b8beb31cdd229b2','pkm-1','native','fa35151e-8347-4e3c-b36d-9e3a4b3023a6','2026-11-25 08:00:53.000000','f7d21ad521d26c755eb22cff2310f8d63e270a9ec9d459abfe4491753554a437','applied',NULL,'{"channel":"native","complete":false,"facility_id":"pkm-1","lines":[{"bed_type":"isolation_bed","beds_blocked":0,"beds_occupied":0,"beds_total":8,"ward_code":""}],"observed_at":"2026-11-25T08:00:53+00:00"}','40087bba61cc9e70bc9cfa0422c649f2ca4af1c328a7998b1140119a34b66dc8');
INSERT INTO "ledger" VALUES(12,'facilities','2026-11-25 08:06:53.047817','k_2b8beb31cdd229b2',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"effective_at":"2026-11-25T08:06:53.047817+00:00","facilities":[{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city","phone":"024 123"}],"reason":"new telephone"}','8a1842f84d74478cd4a2fe7b3a38363a9cd7c75b924cfd325beaaf2383e0d79d');
INSERT INTO "ledger" VALUES(13,'keys','2026-11-25 08:06:53.058725','k_2b8beb31cdd229b2',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-25T08:06:51.523675+00:00","created_by":"operator","digest":"7470f557d8a39da71e88092bc45bef6eec2e19f0a3c4971249baa0a7c7b05c10","name":"","prefix":"08138c882714","principal":"k_790340c5ccbca1cd","revoked_at":"2026-11-25T08:06:53.058725+00:00","role":"district","scope_id":"33.74","scope_kind":"area"}]}','1632cfc7a5ca26796b10c45a14f6e500f7c96858960c4fa7d53b4e58011dbbd7');
INSERT INTO "ledger" VALUES(14,'keys','2026-11-25 08:06:55.669190','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"channel":"sirs","created_at":"2026-11-25T08:06:55.669190+00:00","created_by":"operator","digest":"d77958c48858d132ea71068dad1d5c554404df38a5d7dcee39b2a3c77171c4ae","name":"RS \"St. Elisabeth\" (sirs)","prefix":"ca8ab38489c0","principal":"k_1577fc0f08421730","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility"}]}','e8a8293b0bd54e736a31ae1345274408efe1aae89f5a0ab7cb10d6ab41c4f92f');
INSERT INTO "ledger" VALUES(15,'keys','2026-11-25 08:06:55.669190','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"channel":"aplicares","created_at":"2026-11-25T08:06:55.669190+00:00","created_by":"operator","digest":"e4bba344e75d93e7c136337005cdec943febd710f0b40d9261cc3d721f0a4f13","name":"RS \"St. Elisabeth\" (aplicares)","prefix":"69429976","principal":"k_187fb77f22b5802d","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility","sealed":"gAAAAABrBpcfwHNhsWkl_T0MUA1eJ1-0Uar8WnSN01pklsj-kBVkgdRFKA3P89neBZSn-cCxGlnF-0eaSqocGBCtusP-VdlXYRVfYOBettjTnltypLf-igks1zB1aNRlDxTbIpdEbnjw"}]}','951e85aacf297a5193f3a884ea8c1c1ab7f53e308d71632ea711059deb928442');
INSERT INTO "ledger" VALUES(16,'keys','2026-11-25 08:06:55.669190','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"channel":"siranap_v1","created_at":"2026-11-25T08:06:55.669190+00:00","created_by":"operator","digest":"9f5a717a86dce4b84660c8e35e944d12a024d0f10f7080d69cdf8153cbc93475","name":"RS \"St. Elisabeth\" (siranap_v1)","prefix":"8f0d7783b2ec","principal":"k_2aaaae3944525830","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility"}]}','5237bdc233d04bd7705cb4e6547b3197e51f9604fbfdf543175eed133b25d5d0');
INSERT INTO "ledger" VALUES(17,'report','2026-11-25 08:06:55.710731','k_1577fc0f08421730','rs-3374021','sirs','a10cd2eb-ec84-4056-9782-17308ff1782e','2026-11-25 08:06:55.710731','7d19374d143867a57431e9a0bce7f98a8e182b008610e4bf3c6cfd9dc6643022','applied',NULL,'{"channel":"sirs","complete":false,"facility_id":"rs-3374021","lines":[{"bed_type":"icu_no_ventilator","beds_blocked":0,"beds_occupied":3,"beds_total":5,"details":"{\"id_tt\":\"6\",\"jumlah\":5,\"jumlah_ruang\":1,\"ruang\":\"ICU Lantai 2\",\"terpakai\":3}","ward_code":"900000001","ward_name":"ICU Lantai 2"}],"observed_at":"2026-11-25T08:06:55.710731+00:00"}','3066addb35bec1dcabbe7fa2435f3f975cfd40109aefb39039caed0d86638771');
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
INSERT INTO "messages" VALUES(1,'rs-3374010','native','2026-11-25 08:06:53.019748','POST /v1/facilities/rs-3374010/reports','accepted',201,NULL,NULL,'127.0.0.1','bd6630b450e6d140b1cd6a2499ca907b',6);
INSERT INTO "messages" VALUES(2,'rs-3374010','native','2026-11-25 08:06:53.026586','POST /v1/facilities/rs-3374010/reports','flagged',201,'late: a newer figure of this line is known and stands',NULL,'127.0.0.1','e1de0472af36635816d72a326d2313fd',7);
INSERT INTO "messages" VALUES(3,'rs-3374010','native','2026-11-25 08:06:53.030238','POST /v1/facilities/rs-3374010/reports','accepted',201,NULL,NULL,'127.0.0.1','f4e8b118b73b8c753d19a4b0c12a411d',8);
INSERT INTO "messages" VALUES(4,'rs-3374021','native','2026-11-25 08:06:53.032955','POST /v1/facilities/rs-3374021/reports','accepted',201,NULL,NULL,'127.0.0.1','9770a35f215e7c0bec0a3833da1abec3',9);
INSERT INTO "messages" VALUES(5,'rs-3374021','native','2026-11-25 08:06:53.035731','POST /v1/facilities/rs-3374021/reports','accepted',201,NULL,NULL,'127.0.0.1','03e90bbf5fd8dc74bb28ac774372c946',10);
INSERT INTO "messages" VALUES(6,'pkm-1','native','2026-11-25 08:06:53.042992','POST /v1/facilities/pkm-1/reports','accepted',201,NULL,NULL,'127.0.0.1','d622c0f6ff04bafc9addd3c23f7494c5',11);
INSERT INTO "messages" VALUES(7,'rs-3374021','sirs','2026-11-25 08:06:55.718193','PUT /fo/index.php/Fasyankes','accepted',200,NULL,-1,'127.0.0.1','266f622223155ebae24a8c636f0b722f',17);
INSERT INTO "messages" VALUES(8,'rs-3374021','sirs','2026-11-25 08:06:55.725765','PUT /fo/index.php/Fasyankes','refused',200,'id_t_tt 999 tidak ditemukan; laporan disimpan untuk dipetakan petugas',-1,'127.0.0.1','38bd25156dd5a30673551d894806dcaa',NULL);
CREATE TABLE rejected_requests (
	facility_id TEXT NOT NULL, 
	hour DATETIME NOT NULL, 
	address TEXT NOT NULL, 
	count BIGINT NOT NULL, 
	last_at DATETIME NOT NULL, 
	CONSTRAINT pk_rejected_requests PRIMARY KEY (facility_id, hour, address), 
	CONSTRAINT fk_rejected_requests_facility_id FOREIGN KEY(facility_id) REFERENCES facilities (facility_id)
);
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
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	facility_id TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	"row" TEXT NOT NULL, 
	method TEXT NOT NULL, 
	path TEXT NOT NULL, 
	body BLOB NOT NULL, 
	received_at DATETIME NOT NULL, 
	attempts INTEGER NOT NULL, 
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
INSERT INTO "waiting_rows" VALUES('rs-3374021','sirs','999','{"counts":{"jumlah":5,"terpakai":3},"covid":null,"ruang":null}','2026-11-25 08:06:55.721725',1);
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
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('relay_queue',0);
COMMIT;
