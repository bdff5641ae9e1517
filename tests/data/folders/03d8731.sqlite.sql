BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('4761e9b15fd0');
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
CREATE TABLE channels (
	facility_id TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	newest_observed_at DATETIME NOT NULL, 
	newest_seq BIGINT NOT NULL, 
	newest_recorded_at DATETIME NOT NULL, 
	complete_observed_at DATETIME, 
	complete_seq BIGINT, 
	CONSTRAINT pk_channels PRIMARY KEY (facility_id, channel), 
	CONSTRAINT ck_channels_channel CHECK (channel IN ('native', 'sirs', 'aplicares', 'siranap_v1', 'fhir', 'sheet', 'form')), 
	CONSTRAINT fk_channels_facility_id FOREIGN KEY(facility_id) REFERENCES facilities (facility_id)
);
INSERT INTO "channels" VALUES('rs-3374010','native','2026-11-25 07:55:06.000000',8,'2026-11-25 08:03:06.555918',NULL,NULL);
INSERT INTO "channels" VALUES('rs-3374021','native','2026-11-25 07:58:06.000000',10,'2026-11-25 08:03:06.560880','2026-11-25 07:56:06.000000',9);
INSERT INTO "channels" VALUES('pkm-1','native','2026-11-25 07:57:06.000000',11,'2026-11-25 08:03:06.562993',NULL,NULL);
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
INSERT INTO "credentials" VALUES('8252e356efbf','6438e8599655479e8d7a15454dcebf6fc6a2c6b21f2fab2842fd2a79d8bfcbe2','k_9887129752964e4f','command','national',NULL,'Dinkes','2026-11-25 08:03:03.801055','operator',NULL,NULL);
INSERT INTO "credentials" VALUES('5d8a0d82fdbe','a1272b8c5336cd450ab88998ea1fcbe5af8d35f0fe8ec3fa706fff7030201f9c','k_b9d0b4bb6fb9c30c','hospital','facility','rs-3374010','','2026-11-25 08:03:04.665736','operator',NULL,NULL);
INSERT INTO "credentials" VALUES('b000325ffaae','e7c3eac7a2c8f30182a8de7a81a2c0b444016f410fbd89bd6d59c7812b1cde89','k_82696b54c961fadd','district','area','33.74','','2026-11-25 08:03:05.527388','operator',NULL,'2026-11-25 08:03:06.576874');
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
INSERT INTO "ledger" VALUES(1,'areas','2026-11-25 08:03:01.016585','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"areas":[{"code":"ID","level":"country","name":"Indonesia","type":"country"},{"code":"33","level":"province","name":"Jawa Tengah","parent":"ID","type":"provinsi"},{"code":"33.74","level":"city","name":"Kota Semarang","parent":"33","type":"kota"},{"code":"33.74.07","level":"kecamatan","name":"Semarang Selatan","parent":"33.74","type":"kecamatan"}]}','de696e4454b080ffda36e75500403b43821a9efe350ae526170f4088b2cb3fca');
INSERT INTO "ledger" VALUES(2,'facilities','2026-11-25 08:03:02.926299','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"effective_at":"2026-11-25T08:03:02.926299+00:00","facilities":[{"area_code":"33.74.07","facility_id":"rs-3374010","identifiers":{"sirs":"3374010"},"kind":"hospital","name":"RS Umum Pusat Dr. Kariadi","operated_by":"country"},{"area_code":"33.74","facility_id":"rs-3374021","identifiers":{"bpjs":"1199R021","sirs":"3374021"},"kind":"hospital","name":"RS \"St. Elisabeth\"","operated_by":"private"},{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city"}],"reason":"registered"}','c7a26345c34427b5ce7d7b8894a0345eb2ee03b36a0cf183ae027d2a1e9acddb');
INSERT INTO "ledger" VALUES(3,'keys','2026-11-25 08:03:03.801055','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-25T08:03:03.801055+00:00","created_by":"operator","digest":"6438e8599655479e8d7a15454dcebf6fc6a2c6b21f2fab2842fd2a79d8bfcbe2","name":"Dinkes","prefix":"8252e356efbf","principal":"k_9887129752964e4f","role":"command","scope_kind":"national"}]}','9cfb565edc7227a333b46b21b2630e9dfa9412aeae2b4f5f6cc1bab18056ec83');
INSERT INTO "ledger" VALUES(4,'keys','2026-11-25 08:03:04.665736','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-25T08:03:04.665736+00:00","created_by":"operator","digest":"a1272b8c5336cd450ab88998ea1fcbe5af8d35f0fe8ec3fa706fff7030201f9c","name":"","prefix":"5d8a0d82fdbe","principal":"k_b9d0b4bb6fb9c30c","role":"hospital","scope_id":"rs-3374010","scope_kind":"facility"}]}','07ee86386e9a6bd2a30fdb0ae26b1486c0a015f8cbbc14562785647b97e7506a');
INSERT INTO "ledger" VALUES(5,'keys','2026-11-25 08:03:05.527388','operator',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-25T08:03:05.527388+00:00","created_by":"operator","digest":"e7c3eac7a2c8f30182a8de7a81a2c0b444016f410fbd89bd6d59c7812b1cde89","name":"","prefix":"b000325ffaae","principal":"k_82696b54c961fadd","role":"district","scope_id":"33.74","scope_kind":"area"}]}','d6beb4f4129b7b76bca4d63a3be1b33670ef56a3dd24ddffa79df204cfa40c0f');
INSERT INTO "ledger" VALUES(6,'report','2026-11-25 08:03:06.543991','k_9887129752964e4f','rs-3374010','native','ae6832c8-280a-4f8c-a439-0b5b0a5d0729','2026-11-25 07:54:06.000000','ea1f50983dd47f2fad47bf681efd9fb78edecca314747f6130d13ef80b9c32e9','applied',NULL,'{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":9,"beds_total":12,"queue":2,"ward_code":""}],"observed_at":"2026-11-25T07:54:06+00:00"}','81e8884e00668384ca94c851a0069170c2ed6ac1353ca5be96d14f95d68963a0');
INSERT INTO "ledger" VALUES(7,'report','2026-11-25 08:03:06.553275','k_9887129752964e4f','rs-3374010','native','789101d1-f3eb-4f5c-ae28-dec678b61934','2026-11-25 07:43:06.000000','feecc2b6ab4646ab7b8d4b8da4b911bc297b2f76bb633891a34094bc2296e7a2','late','[["late",0,"a newer figure of this line is known and stands"]]','{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":1,"beds_total":11,"ward_code":""}],"observed_at":"2026-11-25T07:43:06+00:00"}','2eb767d7ea20e3756a68ecb0c22ca99358425d5dfdde1159076869813e24a70c');
INSERT INTO "ledger" VALUES(8,'report','2026-11-25 08:03:06.555918','k_9887129752964e4f','rs-3374010','native','1648eb10-baae-4741-911d-4caa0af5e4b8','2026-11-25 07:55:06.000000','5667bbf5b1fe337eb2eb211f279f08af9b01d7d7c78dfea725f6fd246ff069b3','applied',NULL,'{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"hcu","beds_available":1,"beds_blocked":0,"beds_total":6,"ward_code":"A"}],"observed_at":"2026-11-25T07:55:06+00:00"}','5ee57428d44dfb8bc1819ee63015a093cdd7ac56b38f410b9d3a4b476085450b');
INSERT INTO "ledger" VALUES(9,'report','2026-11-25 08:03:06.558302','k_9887129752964e4f','rs-3374021','native','b9f60ede-e6d3-4dae-af96-1ff1603bd690','2026-11-25 07:56:06.000000','459cd4608c6342b66418e82a6c20fff20e84ee55931292c55dd6fe54d8244c95','applied',NULL,'{"channel":"native","complete":true,"facility_id":"rs-3374021","lines":[{"bed_type":"ward_1","beds_blocked":0,"beds_occupied":31,"beds_total":40,"ward_code":""}],"observed_at":"2026-11-25T07:56:06+00:00"}','5eb0fd9f26ca230cdebc6981df2ac9061fd0d62b0732b58dcb698d0f51cdb3aa');
INSERT INTO "ledger" VALUES(10,'report','2026-11-25 08:03:06.560880','k_9887129752964e4f','rs-3374021','native','e19133dc-a22a-434f-884b-3f62849034b4','2026-11-25 07:58:06.000000','cd8979f619e9fe6e4bbadfd3ab9aec06abc0195b8da54085035fd5a69a31f100','applied',NULL,'{"channel":"native","complete":false,"facility_id":"rs-3374021","lines":[{"bed_type":"burn","closed":true,"ward_code":""}],"observed_at":"2026-11-25T07:58:06+00:00"}','3ccd149ce2d29ae0fefdb3217a5a14d942294b39999930f38cffb59a7ca12425');
INSERT INTO "ledger" VALUES(11,'report','2026-11-25 08:03:06.562993','k_9887129752964e4f','pkm-1','native','b88bf21d-35c1-4638-af7b-aec3668301cb','2026-11-25 07:57:06.000000','1465efd690da8c0d7e4da41af813518f611cf8c79eac17a3f8705425a18996f2','applied',NULL,'{"channel":"native","complete":false,"facility_id":"pkm-1","lines":[{"bed_type":"isolation_bed","beds_blocked":0,"beds_occupied":0,"beds_total":8,"ward_code":""}],"observed_at":"2026-11-25T07:57:06+00:00"}','c443d95e26c38ba9b7f04d0d81b4413d3054e7b8862d52e5a9d74425d7f6471b');
INSERT INTO "ledger" VALUES(12,'facilities','2026-11-25 08:03:06.568313','k_9887129752964e4f',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"effective_at":"2026-11-25T08:03:06.568313+00:00","facilities":[{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city","phone":"024 123"}],"reason":"new telephone"}','4460578db696186280fca312a90659ed826b2f8d18f1c0ca89e25588b916f22f');
INSERT INTO "ledger" VALUES(13,'keys','2026-11-25 08:03:06.576874','k_9887129752964e4f',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'{"credentials":[{"created_at":"2026-11-25T08:03:05.527388+00:00","created_by":"operator","digest":"e7c3eac7a2c8f30182a8de7a81a2c0b444016f410fbd89bd6d59c7812b1cde89","name":"","prefix":"b000325ffaae","principal":"k_82696b54c961fadd","revoked_at":"2026-11-25T08:03:06.576874+00:00","role":"district","scope_id":"33.74","scope_kind":"area"}]}','c433dd794459fecd43c11c7f201fb9f687456c978a909f8af1a949cc0152ce2f');
CREATE TABLE lines (
	facility_id TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	ward_code TEXT NOT NULL, 
	bed_type TEXT NOT NULL, 
	ward_name TEXT, 
	closed BOOLEAN NOT NULL, 
	observed_at DATETIME NOT NULL, 
	seq BIGINT NOT NULL, 
	recorded_at DATETIME NOT NULL, 
	beds_total INTEGER, 
	beds_occupied INTEGER, 
	beds_blocked INTEGER, 
	beds_available INTEGER, 
	beds_preparing INTEGER, 
	beds_planned INTEGER, 
	queue INTEGER, 
	occupied_suspected INTEGER, 
	occupied_confirmed INTEGER, 
	available_male INTEGER, 
	available_female INTEGER, 
	available_is TEXT, 
	CONSTRAINT pk_lines PRIMARY KEY (facility_id, channel, ward_code, bed_type), 
	CONSTRAINT ck_lines_available_is CHECK (available_is IS NULL OR available_is IN ('reported', 'derived')), 
	CONSTRAINT ck_lines_channel CHECK (channel IN ('native', 'sirs', 'aplicares', 'siranap_v1', 'fhir', 'sheet', 'form')), 
	CONSTRAINT ck_lines_counts CHECK (beds_total >= 0 AND beds_occupied >= 0 AND beds_available >= 0 AND beds_blocked >= 0), 
	CONSTRAINT ck_lines_closed CHECK (closed = (beds_total IS NULL AND beds_occupied IS NULL AND beds_available IS NULL)), 
	CONSTRAINT fk_lines_facility_id FOREIGN KEY(facility_id) REFERENCES facilities (facility_id)
);
INSERT INTO "lines" VALUES('rs-3374010','native','','icu',NULL,0,'2026-11-25 07:54:06.000000',6,'2026-11-25 08:03:06.543991',12,9,0,3,NULL,NULL,2,NULL,NULL,NULL,NULL,'derived');
INSERT INTO "lines" VALUES('rs-3374010','native','A','hcu',NULL,0,'2026-11-25 07:55:06.000000',8,'2026-11-25 08:03:06.555918',6,5,0,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'reported');
INSERT INTO "lines" VALUES('rs-3374021','native','','ward_1',NULL,0,'2026-11-25 07:56:06.000000',9,'2026-11-25 08:03:06.558302',40,31,0,9,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'derived');
INSERT INTO "lines" VALUES('rs-3374021','native','','burn',NULL,1,'2026-11-25 07:58:06.000000',10,'2026-11-25 08:03:06.560880',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "lines" VALUES('pkm-1','native','','isolation_bed',NULL,0,'2026-11-25 07:57:06.000000',11,'2026-11-25 08:03:06.562993',8,0,0,8,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'derived');
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
