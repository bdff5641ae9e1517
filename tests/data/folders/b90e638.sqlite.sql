BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('a1c4e7f20b31');
CREATE TABLE areas (
	code TEXT NOT NULL, 
	name TEXT NOT NULL, 
	level TEXT NOT NULL, 
	type TEXT NOT NULL, 
	parent TEXT, 
	depth INTEGER NOT NULL, 
	lat DOUBLE, 
	lon DOUBLE, more TEXT, 
	CONSTRAINT pk_areas PRIMARY KEY (code), 
	CONSTRAINT ck_areas_level CHECK (level IN ('country', 'province', 'city', 'kecamatan', 'kelurahan', 'rw')), 
	CONSTRAINT ck_areas_depth CHECK (depth >= 0 AND depth < 8), 
	CONSTRAINT fk_areas_parent FOREIGN KEY(parent) REFERENCES areas (code)
);
INSERT INTO "areas" VALUES('ID','Indonesia','country','country',NULL,0,NULL,NULL,NULL);
INSERT INTO "areas" VALUES('33','Jawa Tengah','province','provinsi','ID',1,NULL,NULL,NULL);
INSERT INTO "areas" VALUES('33.74','Kota Semarang','city','kota','33',2,NULL,NULL,NULL);
INSERT INTO "areas" VALUES('33.74.07','Semarang Selatan','kecamatan','kecamatan','33.74',3,NULL,NULL,NULL);
CREATE TABLE "channels" (
	facility_id TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	newest_observed_at DATETIME NOT NULL, 
	newest_seq BIGINT NOT NULL, 
	newest_recorded_at DATETIME NOT NULL, 
	complete_observed_at DATETIME, 
	complete_seq BIGINT, 
	lines TEXT NOT NULL, implausible TEXT, counting_since DATETIME, counting_reason TEXT, recorded_at DATETIME, 
	CONSTRAINT pk_channels PRIMARY KEY (facility_id, channel), 
	CONSTRAINT fk_channels_facility_id FOREIGN KEY(facility_id) REFERENCES facilities (facility_id), 
	CONSTRAINT ck_channels_channel CHECK (channel IN ('native', 'sirs', 'aplicares', 'siranap_v1', 'fhir', 'sheet', 'form'))
);
INSERT INTO "channels" VALUES('rs-3374010','native','2026-11-30 23:36:26.000000',8,'2026-11-30 23:44:26.285778',NULL,NULL,'[["","icu",null,"2026-11-30T23:35:26+00:00",6,"2026-11-30T23:44:26.274807+00:00",[12,9,0,3,null,null,2,null,null,null,null,"derived"]],["A","hcu",null,"2026-11-30T23:36:26+00:00",8,"2026-11-30T23:44:26.285778+00:00",[6,5,0,1,null,null,null,null,null,null,null,"reported"]]]',NULL,'2026-11-30 23:44:26.274807','only','2026-11-30 23:44:26.285778');
INSERT INTO "channels" VALUES('rs-3374021','native','2026-11-30 23:39:26.000000',10,'2026-11-30 23:44:26.290631','2026-11-30 23:37:26.000000',9,'[["","ward_1",null,"2026-11-30T23:37:26+00:00",9,"2026-11-30T23:44:26.288255+00:00",[40,31,0,9,null,null,null,null,null,null,null,"derived"]],["","burn",null,"2026-11-30T23:39:26+00:00",10,"2026-11-30T23:44:26.290631+00:00",null]]',NULL,'2026-11-30 23:44:26.288255','only','2026-11-30 23:44:26.290631');
INSERT INTO "channels" VALUES('pkm-1','native','2026-11-30 23:38:26.000000',11,'2026-11-30 23:44:26.292894',NULL,NULL,'[["","isolation_bed",null,"2026-11-30T23:38:26+00:00",11,"2026-11-30T23:44:26.292894+00:00",[8,0,0,8,null,null,null,null,null,null,null,"derived"]]]',NULL,'2026-11-30 23:44:26.292894','only','2026-11-30 23:44:26.292894');
INSERT INTO "channels" VALUES('rs-3374021','sirs','2026-11-30 23:44:29.563383',17,'2026-11-30 23:44:29.563383',NULL,NULL,'[["900000001","icu_no_ventilator","ICU Lantai 2","2026-11-30T23:44:29.563383+00:00",17,"2026-11-30T23:44:29.563383+00:00",[5,3,0,2,null,null,null,null,null,null,null,"derived"],"{\"id_tt\":\"6\",\"jumlah\":5,\"jumlah_ruang\":1,\"ruang\":\"ICU Lantai 2\",\"terpakai\":3}"]]',NULL,NULL,NULL,'2026-11-30 23:44:29.563383');
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
	sealed TEXT, seq BIGINT DEFAULT '0' NOT NULL, clock_hours INTEGER DEFAULT '0' NOT NULL, more TEXT, 
	CONSTRAINT pk_credentials PRIMARY KEY (prefix), 
	CONSTRAINT ck_credentials_scope_kind CHECK (scope_kind IN ('facility', 'area', 'national')), 
	CONSTRAINT ck_credentials_role CHECK (role IN ('hospital', 'subscriber', 'district', 'command', 'operator')), 
	CONSTRAINT ck_credentials_channel CHECK (channel IN ('native', 'sirs', 'aplicares', 'siranap_v1', 'fhir', 'sheet', 'form'))
);
INSERT INTO "credentials" VALUES('ff0951b1b7e5','4d61a49d7c76f4c5ff37888439b81358f63ec4966efd1b0f5c7301b438d078fa','k_f9da2a121b0a8c99','command','national',NULL,'Dinkes','2026-11-30 23:44:21.469066','operator',NULL,NULL,NULL,NULL,3,0,NULL);
INSERT INTO "credentials" VALUES('59ba421e2102','6dddb7c1ff229d41518201dfb62e6274ca716322062fe4e572c2ec9ab89767d6','k_5d48a51e2830f0da','hospital','facility','rs-3374010','','2026-11-30 23:44:23.034525','operator',NULL,NULL,NULL,NULL,4,0,NULL);
INSERT INTO "credentials" VALUES('b76486238747','d17909e6be913bf0ebab8d291baa0d716d81489e257485e6628c36ba66104ee6','k_56d15099c58cb175','district','area','33.74','','2026-11-30 23:44:24.531542','operator',NULL,'2026-11-30 23:44:26.308269',NULL,NULL,5,0,NULL);
INSERT INTO "credentials" VALUES('1aa3c08d5d60','936739a9288dbc49e4c5cbc4f2538864271f452f74300feb73bab85cbad90683','k_69afa02645b94ee2','hospital','facility','rs-3374021','RS "St. Elisabeth" (sirs)','2026-11-30 23:44:29.499393','operator',NULL,NULL,'sirs',NULL,14,0,NULL);
INSERT INTO "credentials" VALUES('28453760','bee1f8f2012493563ea4037b02872e02c6308b646fb928efcc3f7a77c99c2ab4','k_56b48f585e7b8d28','hospital','facility','rs-3374021','RS "St. Elisabeth" (aplicares)','2026-11-30 23:44:29.499393','operator',NULL,NULL,'aplicares','gAAAAABrDgpdlbQDC1a2imzFVPb_DrnG0ETuihv5pvM1Wy-w1Y-BIQcCuVWraMKt-l6JM_BqsJAHnXz8uZq4TalsvMNgzeZKQcM3cjL7wa9i6rkvYKNF1rIrGcDSdsK1ybsUCWEIGiSj',15,0,NULL);
INSERT INTO "credentials" VALUES('bca0d3befe82','5240778da21a0aca9fcb6a616d9264a959c4d1db6dfee63cc43bf00adbd91957','k_df95a43c926217a2','hospital','facility','rs-3374021','RS "St. Elisabeth" (siranap_v1)','2026-11-30 23:44:29.499393','operator',NULL,NULL,'siranap_v1',NULL,16,0,NULL);
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
	seq BIGINT NOT NULL, switches TEXT, more TEXT, lapsed_after_seconds INTEGER, line_bounds TEXT, planned TEXT, 
	CONSTRAINT pk_facilities PRIMARY KEY (facility_id), 
	CONSTRAINT ck_facilities_kind CHECK (kind IN ('hospital', 'clinic', 'isolation_site', 'rw_hall')), 
	CONSTRAINT fk_facilities_area_code FOREIGN KEY(area_code) REFERENCES areas (code)
);
INSERT INTO "facilities" VALUES('rs-3374010','hospital','RS Umum Pusat Dr. Kariadi','33.74.07','country',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,2,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "facilities" VALUES('rs-3374021','hospital','RS "St. Elisabeth"','33.74','private',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,2,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "facilities" VALUES('pkm-1','clinic','Puskesmas Pandanaran','33.74.07','city',NULL,NULL,'024 123',NULL,NULL,NULL,NULL,NULL,NULL,NULL,12,NULL,NULL,NULL,NULL,NULL);
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
	CONSTRAINT ck_ledger_outcome CHECK (outcome IS NULL OR outcome IN ('applied', 'late', 'void', 'correction')), 
	CONSTRAINT ck_ledger_seq CHECK (seq > 0), 
	CONSTRAINT uq_ledger_by_report_id UNIQUE ("by", report_id)
);
INSERT INTO "ledger" VALUES(1,'areas','2026-11-30 23:44:16.679422','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"areas":[{"code":"ID","level":"country","name":"Indonesia","type":"country"},{"code":"33","level":"province","name":"Jawa Tengah","parent":"ID","type":"provinsi"},{"code":"33.74","level":"city","name":"Kota Semarang","parent":"33","type":"kota"},{"code":"33.74.07","level":"kecamatan","name":"Semarang Selatan","parent":"33.74","type":"kecamatan"}]}','c4af1270d94673afcf52bd604121c797f97f7665c9dfd59d141ae6138526e79e');
INSERT INTO "ledger" VALUES(2,'facilities','2026-11-30 23:44:20.032749','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"effective_at":"2026-11-30T23:44:20.032749+00:00","facilities":[{"area_code":"33.74.07","facility_id":"rs-3374010","identifiers":{"sirs":"3374010"},"kind":"hospital","name":"RS Umum Pusat Dr. Kariadi","operated_by":"country"},{"area_code":"33.74","facility_id":"rs-3374021","identifiers":{"bpjs":"1199R021","sirs":"3374021"},"kind":"hospital","name":"RS \"St. Elisabeth\"","operated_by":"private"},{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city"}],"reason":"registered"}','cb5842f9156c2f98ef596d91992957659bdf89b4b2adae846c18edf474db1912');
INSERT INTO "ledger" VALUES(3,'keys','2026-11-30 23:44:21.469066','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-30T23:44:21.469066+00:00","created_by":"operator","digest":"4d61a49d7c76f4c5ff37888439b81358f63ec4966efd1b0f5c7301b438d078fa","name":"Dinkes","prefix":"ff0951b1b7e5","principal":"k_f9da2a121b0a8c99","role":"command","scope_kind":"national"}]}','ee4d6c46a6a88a3bff80a4cbc562c8a671276b5a664155279fbcc9377aa10d68');
INSERT INTO "ledger" VALUES(4,'keys','2026-11-30 23:44:23.034525','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-30T23:44:23.034525+00:00","created_by":"operator","digest":"6dddb7c1ff229d41518201dfb62e6274ca716322062fe4e572c2ec9ab89767d6","name":"","prefix":"59ba421e2102","principal":"k_5d48a51e2830f0da","role":"hospital","scope_id":"rs-3374010","scope_kind":"facility"}]}','40628d6c9b0c1b03e58d13ae9cbe3ec7c5a026344cbb5eca7f8c17ae6ba7106c');
INSERT INTO "ledger" VALUES(5,'keys','2026-11-30 23:44:24.531542','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-30T23:44:24.531542+00:00","created_by":"operator","digest":"d17909e6be913bf0ebab8d291baa0d716d81489e257485e6628c36ba66104ee6","name":"","prefix":"b76486238747","principal":"k_56d15099c58cb175","role":"district","scope_id":"33.74","scope_kind":"area"}]}','c38914c7df9d49bfd08f9f5eb21cf641410bcdfe12822c78731b8b9c63f22ad6');
INSERT INTO "ledger" VALUES(6,'report','2026-11-30 23:44:26.274807','k_f9da2a121b0a8c99','rs-3374010','native','4c51797b-d1c9-412e-a1c7-75fd7a4f7196','2026-11-30 23:35:26.000000','64337f432c8fa03f6bc9e1f1cf1ef3ca24ff4d43318d0517d6f88e8e51c9bd7b','applied','[["free_beside_queue",0,"3 beds available while 2 patients wait"]]','{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":9,"beds_total":12,"queue":2,"ward_code":""}],"observed_at":"2026-11-30T23:35:26+00:00"}','c71d9db952f62764e271abc1bcf710ecbc8bfd867b10f574d19aa0ac312125ea');
INSERT INTO "ledger" VALUES(7,'report','2026-11-30 23:44:26.282930','k_f9da2a121b0a8c99','rs-3374010','native','7bb39dbe-c78a-48f3-ba72-891945847aa1','2026-11-30 23:24:26.000000','dc1394220bea008b797abd3c0d0f1780d2250801656ccd30fb6b1597f9a12763','late','[["late",0,"a newer figure for this line is known and is kept"]]','{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":1,"beds_total":11,"ward_code":""}],"observed_at":"2026-11-30T23:24:26+00:00"}','06caf42a936ad46d901806ffdf8d71519190f4d5616744e8b5cdf31998b33b49');
INSERT INTO "ledger" VALUES(8,'report','2026-11-30 23:44:26.285778','k_f9da2a121b0a8c99','rs-3374010','native','707cb5cf-a8a4-452f-8831-ea8f7544187b','2026-11-30 23:36:26.000000','1625df0b744bb6428bfdf05f1f1242621a074f4ab2513b3216da333ed6dedf99','applied',NULL,'{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"hcu","beds_available":1,"beds_blocked":0,"beds_total":6,"ward_code":"A"}],"observed_at":"2026-11-30T23:36:26+00:00"}','5737fc2ae0f43375bb46e414f2449e45e91c7ada2d9d53e2d8912bfc0b978e35');
INSERT INTO "ledger" VALUES(9,'report','2026-11-30 23:44:26.288255','k_f9da2a121b0a8c99','rs-3374021','native','bf1c8b0c-fe82-4296-a749-659ed43b7986','2026-11-30 23:37:26.000000','7e10de83367d4ed96c3789bbdd884565e0869428ffa7d6d908834a4ad8fe5801','applied',NULL,'{"channel":"native","complete":true,"facility_id":"rs-3374021","lines":[{"bed_type":"ward_1","beds_blocked":0,"beds_occupied":31,"beds_total":40,"ward_code":""}],"observed_at":"2026-11-30T23:37:26+00:00"}','ae7e709d3e8c82df19a6c5ed52a8c3fa7c2305cb680d779d09008269e95562ab');
INSERT INTO "ledger" VALUES(10,'report','2026-11-30 23:44:26.290631','k_f9da2a121b0a8c99','rs-3374021','native','2bba4f44-811c-4569-a6a1-f18c3c7b9dd1','2026-11-30 23:39:26.000000','10b857e30f4b159dca12f648434de726bf730e0b757874b16caf35042a4567df','applied',NULL,'{"channel":"native","complete":false,"facility_id":"rs-3374021","lines":[{"bed_type":"burn","closed":true,"ward_code":""}],"observed_at":"2026-11-30T23:39:26+00:00"}','02ba60d0f77c8e5863fedb3731c0afacfe04072deff7cd5da81c5caa363c790c');
INSERT INTO "ledger" VALUES(11,'report','2026-11-30 23:44:26.292894','k_f9da2a121b0a8c99','pkm-1','native','dea74045-a932-44d2-a895-288e70f32795','2026-11-30 23:38:26.000000','1b6c6c2ae05d9e397b2ad1af50745cf61de2dbc20b32536062a0e449070803fb','applied',NULL,'{"channel":"native","complete":false,"facility_id":"pkm-1","lines":[{"bed_type":"isolation_bed","beds_blocked":0,"beds_occupied":0,"beds_total":8,"ward_code":""}],"observed_at":"2026-11-30T23:38:26+00:00"}','ddd90fa608728cb7caecb7437ac6f3ecd86eebaaa4718a8ec48c2dcc80fc831d');
INSERT INTO "ledger" VALUES(12,'facilities','2026-11-30 23:44:26.299330','k_f9da2a121b0a8c99',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"effective_at":"2026-11-30T23:44:26.299330+00:00","facilities":[{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city","phone":"024 123"}],"reason":"new telephone"}','5e4c154471e8d3867cea33b5abe77acc368b092a3c2bafa566fe02b25552a520');
INSERT INTO "ledger" VALUES(13,'keys','2026-11-30 23:44:26.308269','k_f9da2a121b0a8c99',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-30T23:44:24.531542+00:00","created_by":"operator","digest":"d17909e6be913bf0ebab8d291baa0d716d81489e257485e6628c36ba66104ee6","name":"","prefix":"b76486238747","principal":"k_56d15099c58cb175","revoked_at":"2026-11-30T23:44:26.308269+00:00","role":"district","scope_id":"33.74","scope_kind":"area"}]}','3e6f447c55cf0e8035ebdce1f72aefc620f0d6e0efe417b4f01d10d581396c55');
INSERT INTO "ledger" VALUES(14,'keys','2026-11-30 23:44:29.499393','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"channel":"sirs","created_at":"2026-11-30T23:44:29.499393+00:00","created_by":"operator","digest":"936739a9288dbc49e4c5cbc4f2538864271f452f74300feb73bab85cbad90683","name":"RS \"St. Elisabeth\" (sirs)","prefix":"1aa3c08d5d60","principal":"k_69afa02645b94ee2","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility"}]}','97e97629250f4d88d4742489976eff2372f1650708e22d381743cb3858a5e1a4');
INSERT INTO "ledger" VALUES(15,'keys','2026-11-30 23:44:29.499393','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"channel":"aplicares","created_at":"2026-11-30T23:44:29.499393+00:00","created_by":"operator","digest":"bee1f8f2012493563ea4037b02872e02c6308b646fb928efcc3f7a77c99c2ab4","name":"RS \"St. Elisabeth\" (aplicares)","prefix":"28453760","principal":"k_56b48f585e7b8d28","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility","sealed":"gAAAAABrDgpdlbQDC1a2imzFVPb_DrnG0ETuihv5pvM1Wy-w1Y-BIQcCuVWraMKt-l6JM_BqsJAHnXz8uZq4TalsvMNgzeZKQcM3cjL7wa9i6rkvYKNF1rIrGcDSdsK1ybsUCWEIGiSj"}]}','c68af628e499996b026c528a5f78bb689f7a426a11b5748e96d416a7474a870d');
INSERT INTO "ledger" VALUES(16,'keys','2026-11-30 23:44:29.499393','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"channel":"siranap_v1","created_at":"2026-11-30T23:44:29.499393+00:00","created_by":"operator","digest":"5240778da21a0aca9fcb6a616d9264a959c4d1db6dfee63cc43bf00adbd91957","name":"RS \"St. Elisabeth\" (siranap_v1)","prefix":"bca0d3befe82","principal":"k_df95a43c926217a2","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility"}]}','bb4cc1cd9b7392d8ca049b84e13625555233cf9592d693e25fa4f8e3cf68a8fc');
INSERT INTO "ledger" VALUES(17,'report','2026-11-30 23:44:29.563383','k_69afa02645b94ee2','rs-3374021','sirs','90a05f63-6273-4c28-b29a-239ccf4c8edf','2026-11-30 23:44:29.563383','932d62007a248952b150c629332075c1388b77db81e20ab588b2a759a07eaeee','applied','[["partial_channel",null,"sirs states fewer than half of the beds that another channel states; the figures of native count"]]','{"channel":"sirs","complete":false,"facility_id":"rs-3374021","lines":[{"bed_type":"icu_no_ventilator","beds_blocked":0,"beds_occupied":3,"beds_total":5,"details":"{\"id_tt\":\"6\",\"jumlah\":5,\"jumlah_ruang\":1,\"ruang\":\"ICU Lantai 2\",\"terpakai\":3}","ward_code":"900000001","ward_name":"ICU Lantai 2"}],"observed_at":"2026-11-30T23:44:29.563383+00:00"}','e0aa69edd308bb5369ac3b9e82f499960aaaa66b8e5e0611ca8090dfde17c110');
CREATE TABLE ledger_format (
	id INTEGER NOT NULL, 
	writer_version INTEGER NOT NULL, 
	CONSTRAINT pk_ledger_format PRIMARY KEY (id), 
	CONSTRAINT ck_ledger_format_id CHECK (id = 1)
);
INSERT INTO "ledger_format" VALUES(1,6);
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
INSERT INTO "messages" VALUES(1,'rs-3374010','native','2026-11-30 23:44:26.281061','POST /v1/facilities/rs-3374010/reports','flagged',201,'free_beside_queue: 3 beds available while 2 patients wait',NULL,'127.0.0.1','be7e25959a5aef9a56f18a8649fa3848',6);
INSERT INTO "messages" VALUES(2,'rs-3374010','native','2026-11-30 23:44:26.284570','POST /v1/facilities/rs-3374010/reports','flagged',201,'late: a newer figure for this line is known and is kept',NULL,'127.0.0.1','0a65ecbc2681314e31d982ca8cb0cecc',7);
INSERT INTO "messages" VALUES(3,'rs-3374010','native','2026-11-30 23:44:26.287267','POST /v1/facilities/rs-3374010/reports','accepted',201,NULL,NULL,'127.0.0.1','8eb985a5fb30799557306e7d7b52605d',8);
INSERT INTO "messages" VALUES(4,'rs-3374021','native','2026-11-30 23:44:26.289704','POST /v1/facilities/rs-3374021/reports','accepted',201,NULL,NULL,'127.0.0.1','98eb7f503015a82a60cc2d6d954b5170',9);
INSERT INTO "messages" VALUES(5,'rs-3374021','native','2026-11-30 23:44:26.291955','POST /v1/facilities/rs-3374021/reports','accepted',201,NULL,NULL,'127.0.0.1','604c1d2fda9c07eaeb8169ebfb216280',10);
INSERT INTO "messages" VALUES(6,'pkm-1','native','2026-11-30 23:44:26.294241','POST /v1/facilities/pkm-1/reports','accepted',201,NULL,NULL,'127.0.0.1','66aeea87196a0e3de5489487e61031e5',11);
INSERT INTO "messages" VALUES(7,'rs-3374021','sirs','2026-11-30 23:44:29.566386','PUT /fo/index.php/Fasyankes','flagged',200,'partial_channel: jalur ini memuat kurang dari setengah tempat tidur dari jalur lain, sehingga tidak dihitung (channel native)',-1,'127.0.0.1','d1d43dc33298952e94eac23b03e9f661',17);
INSERT INTO "messages" VALUES(8,'rs-3374021','sirs','2026-11-30 23:44:29.572853','PUT /fo/index.php/Fasyankes','refused',200,'id_t_tt 999 tidak ditemukan; laporan disimpan untuk dipetakan petugas',-1,'127.0.0.1','0e3ced7eda031c8a01583354bf8f1d02',NULL);
CREATE TABLE rebuilds (
	number BIGINT NOT NULL, 
	position BIGINT NOT NULL, 
	rebuilt_at DATETIME NOT NULL, 
	CONSTRAINT pk_rebuilds PRIMARY KEY (number)
);
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
CREATE TABLE secret_keys (
	fingerprint TEXT NOT NULL, 
	number BIGINT NOT NULL, 
	CONSTRAINT pk_secret_keys PRIMARY KEY (fingerprint)
);
INSERT INTO "secret_keys" VALUES('f5daaaddae92026d',1);
CREATE TABLE signed_times (
	prefix TEXT NOT NULL, 
	signed_at BIGINT NOT NULL, 
	CONSTRAINT pk_signed_times PRIMARY KEY (prefix, signed_at)
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
INSERT INTO "waiting_rows" VALUES('rs-3374021','sirs','999','{"counts":{"jumlah":5,"terpakai":3},"covid":null,"ruang":null}','2026-11-30 23:44:29.568289',1);
CREATE INDEX ix_areas_parent ON areas (parent);
CREATE INDEX ix_ledger_facility_id_seq ON ledger (facility_id, seq);
CREATE INDEX ix_facilities_area_code ON facilities (area_code);
CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE INDEX ix_credentials_principal ON credentials (principal);
CREATE INDEX ix_messages_facility_id_id ON messages (facility_id, id);
CREATE INDEX ix_relay_queue_facility_id_channel_row_id ON relay_queue (facility_id, channel, "row", id);
CREATE INDEX ix_signed_times_signed_at ON signed_times (signed_at);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('relay_queue',0);
COMMIT;
