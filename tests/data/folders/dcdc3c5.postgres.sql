CREATE FUNCTION public.ledger_is_append_only() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.areas (
    code text NOT NULL,
    name text NOT NULL,
    level text NOT NULL,
    type text NOT NULL,
    parent text,
    depth integer NOT NULL,
    lat double precision,
    lon double precision,
    CONSTRAINT ck_areas_depth CHECK (((depth >= 0) AND (depth < 8))),
    CONSTRAINT ck_areas_level CHECK ((level = ANY (ARRAY['country'::text, 'province'::text, 'city'::text, 'kecamatan'::text, 'kelurahan'::text, 'rw'::text])))
);
CREATE TABLE public.channels (
    facility_id text NOT NULL,
    channel text NOT NULL,
    newest_observed_at timestamp with time zone NOT NULL,
    newest_seq bigint NOT NULL,
    newest_recorded_at timestamp with time zone NOT NULL,
    complete_observed_at timestamp with time zone,
    complete_seq bigint,
    lines text NOT NULL,
    CONSTRAINT ck_channels_channel CHECK ((channel = ANY (ARRAY['native'::text, 'sirs'::text, 'aplicares'::text, 'siranap_v1'::text, 'fhir'::text, 'sheet'::text, 'form'::text])))
);
CREATE TABLE public.credentials (
    prefix text NOT NULL,
    digest character varying(64) NOT NULL,
    principal text NOT NULL,
    role text NOT NULL,
    scope_kind text NOT NULL,
    scope_id text,
    name text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by text NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT ck_credentials_role CHECK ((role = ANY (ARRAY['hospital'::text, 'subscriber'::text, 'district'::text, 'command'::text, 'operator'::text]))),
    CONSTRAINT ck_credentials_scope_kind CHECK ((scope_kind = ANY (ARRAY['facility'::text, 'area'::text, 'national'::text])))
);
CREATE TABLE public.facilities (
    facility_id text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    area_code text NOT NULL,
    operated_by text,
    lat double precision,
    lon double precision,
    phone text,
    address text,
    beds_stated integer,
    counting_channel text,
    stale_after_seconds integer,
    silent_after_seconds integer,
    opened_at timestamp with time zone,
    closed_at timestamp with time zone,
    seq bigint NOT NULL,
    CONSTRAINT ck_facilities_kind CHECK ((kind = ANY (ARRAY['hospital'::text, 'clinic'::text, 'isolation_site'::text, 'rw_hall'::text])))
);
CREATE TABLE public.identifiers (
    system text NOT NULL,
    value text NOT NULL,
    facility_id text NOT NULL
);
CREATE TABLE public.ledger (
    seq bigint NOT NULL,
    kind text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    by text NOT NULL,
    facility_id text,
    channel text,
    report_id text,
    observed_at timestamp with time zone,
    digest character varying(64),
    outcome text,
    warnings text,
    body text NOT NULL,
    chain character varying(64) NOT NULL,
    CONSTRAINT ck_ledger_kind CHECK ((kind = ANY (ARRAY['report'::text, 'areas'::text, 'facilities'::text, 'keys'::text]))),
    CONSTRAINT ck_ledger_outcome CHECK (((outcome IS NULL) OR (outcome = ANY (ARRAY['applied'::text, 'late'::text])))),
    CONSTRAINT ck_ledger_report CHECK (((kind = 'report'::text) = ((report_id IS NOT NULL) AND (facility_id IS NOT NULL) AND (channel IS NOT NULL) AND (observed_at IS NOT NULL) AND (outcome IS NOT NULL) AND (digest IS NOT NULL)))),
    CONSTRAINT ck_ledger_seq CHECK ((seq > 0))
);
INSERT INTO public.alembic_version VALUES ('b07d5e3c9a41');
INSERT INTO public.areas VALUES ('ID', 'Indonesia', 'country', 'country', NULL, 0, NULL, NULL);
INSERT INTO public.areas VALUES ('33', 'Jawa Tengah', 'province', 'provinsi', 'ID', 1, NULL, NULL);
INSERT INTO public.areas VALUES ('33.74', 'Kota Semarang', 'city', 'kota', '33', 2, NULL, NULL);
INSERT INTO public.areas VALUES ('33.74.07', 'Semarang Selatan', 'kecamatan', 'kecamatan', '33.74', 3, NULL, NULL);
INSERT INTO public.channels VALUES ('rs-3374010', 'native', '2026-11-25 07:55:34+00', 8, '2026-11-25 08:03:34.797753+00', NULL, NULL, '[["","icu",null,"2026-11-25T07:54:34+00:00",6,"2026-11-25T08:03:34.782541+00:00",[12,9,0,3,null,null,2,null,null,null,null,"derived"]],["A","hcu",null,"2026-11-25T07:55:34+00:00",8,"2026-11-25T08:03:34.797753+00:00",[6,5,0,1,null,null,null,null,null,null,null,"reported"]]]');
INSERT INTO public.channels VALUES ('rs-3374021', 'native', '2026-11-25 07:58:34+00', 10, '2026-11-25 08:03:34.804529+00', '2026-11-25 07:56:34+00', 9, '[["","ward_1",null,"2026-11-25T07:56:34+00:00",9,"2026-11-25T08:03:34.801139+00:00",[40,31,0,9,null,null,null,null,null,null,null,"derived"]],["","burn",null,"2026-11-25T07:58:34+00:00",10,"2026-11-25T08:03:34.804529+00:00",null]]');
INSERT INTO public.channels VALUES ('pkm-1', 'native', '2026-11-25 07:57:34+00', 11, '2026-11-25 08:03:34.807694+00', NULL, NULL, '[["","isolation_bed",null,"2026-11-25T07:57:34+00:00",11,"2026-11-25T08:03:34.807694+00:00",[8,0,0,8,null,null,null,null,null,null,null,"derived"]]]');
INSERT INTO public.credentials VALUES ('08797567573e', 'd4a79944961ab4e2b760e30da9c7654b32a734263edb205298b8981330277618', 'k_f5ed8f893a7252f1', 'command', 'national', NULL, 'Dinkes', '2026-11-25 08:03:31.758618+00', 'operator', NULL, NULL);
INSERT INTO public.credentials VALUES ('74310845eec0', '63d844675b4bc725d8f31f8947c714090e906c9bf7ddded5905d01a24f43ddd8', 'k_6778cbebad9c77a9', 'hospital', 'facility', 'rs-3374010', '', '2026-11-25 08:03:32.729475+00', 'operator', NULL, NULL);
INSERT INTO public.credentials VALUES ('68a2dbd7fa97', '38bd156101c7e5c495cd846cee2fd6cb5a99366efeec2f50725ca2e4a6e636ec', 'k_9116ed3ea1a3226b', 'district', 'area', '33.74', '', '2026-11-25 08:03:33.654353+00', 'operator', NULL, '2026-11-25 08:03:34.830023+00');
INSERT INTO public.facilities VALUES ('rs-3374010', 'hospital', 'RS Umum Pusat Dr. Kariadi', '33.74.07', 'country', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2);
INSERT INTO public.facilities VALUES ('rs-3374021', 'hospital', 'RS "St. Elisabeth"', '33.74', 'private', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2);
INSERT INTO public.facilities VALUES ('pkm-1', 'clinic', 'Puskesmas Pandanaran', '33.74.07', 'city', NULL, NULL, '024 123', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 12);
INSERT INTO public.identifiers VALUES ('sirs', '3374010', 'rs-3374010');
INSERT INTO public.identifiers VALUES ('sirs', '3374021', 'rs-3374021');
INSERT INTO public.identifiers VALUES ('bpjs', '1199R021', 'rs-3374021');
INSERT INTO public.ledger VALUES (1, 'areas', '2026-11-25 08:03:28.514308+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"areas":[{"code":"ID","level":"country","name":"Indonesia","type":"country"},{"code":"33","level":"province","name":"Jawa Tengah","parent":"ID","type":"provinsi"},{"code":"33.74","level":"city","name":"Kota Semarang","parent":"33","type":"kota"},{"code":"33.74.07","level":"kecamatan","name":"Semarang Selatan","parent":"33.74","type":"kecamatan"}]}', '588ce1fd063e5918a792e793367fd4285ecb71cd03c6b88500bc5b260e9b28a6');
INSERT INTO public.ledger VALUES (2, 'facilities', '2026-11-25 08:03:30.666859+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"effective_at":"2026-11-25T08:03:30.666859+00:00","facilities":[{"area_code":"33.74.07","facility_id":"rs-3374010","identifiers":{"sirs":"3374010"},"kind":"hospital","name":"RS Umum Pusat Dr. Kariadi","operated_by":"country"},{"area_code":"33.74","facility_id":"rs-3374021","identifiers":{"bpjs":"1199R021","sirs":"3374021"},"kind":"hospital","name":"RS \"St. Elisabeth\"","operated_by":"private"},{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city"}],"reason":"registered"}', '2604c0e34f6cfe336b41f84553caa9cf76c36558df6e87af9bcd461119ddc122');
INSERT INTO public.ledger VALUES (3, 'keys', '2026-11-25 08:03:31.758618+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-25T08:03:31.758618+00:00","created_by":"operator","digest":"d4a79944961ab4e2b760e30da9c7654b32a734263edb205298b8981330277618","name":"Dinkes","prefix":"08797567573e","principal":"k_f5ed8f893a7252f1","role":"command","scope_kind":"national"}]}', '8d2d83424238578b2695590a3aa22f682b2e18654107b5bccf971f7774c1ada4');
INSERT INTO public.ledger VALUES (4, 'keys', '2026-11-25 08:03:32.729475+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-25T08:03:32.729475+00:00","created_by":"operator","digest":"63d844675b4bc725d8f31f8947c714090e906c9bf7ddded5905d01a24f43ddd8","name":"","prefix":"74310845eec0","principal":"k_6778cbebad9c77a9","role":"hospital","scope_id":"rs-3374010","scope_kind":"facility"}]}', 'f8b9c1af3ee5f334d0327aea21f63d68ca517751a4256146e72e8a50de4f863b');
INSERT INTO public.ledger VALUES (5, 'keys', '2026-11-25 08:03:33.654353+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-25T08:03:33.654353+00:00","created_by":"operator","digest":"38bd156101c7e5c495cd846cee2fd6cb5a99366efeec2f50725ca2e4a6e636ec","name":"","prefix":"68a2dbd7fa97","principal":"k_9116ed3ea1a3226b","role":"district","scope_id":"33.74","scope_kind":"area"}]}', '0e1739eef213d84ddd2329b76c86f3997c9a92879d0459201f4e41c0601f43bd');
INSERT INTO public.ledger VALUES (6, 'report', '2026-11-25 08:03:34.782541+00', 'k_f5ed8f893a7252f1', 'rs-3374010', 'native', '2b55089e-170a-4054-9be7-98e130b878fa', '2026-11-25 07:54:34+00', '64a019c6ffb46a8fa60ac4df404646a0338330b5171da98462d3b121f52f4b77', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":9,"beds_total":12,"queue":2,"ward_code":""}],"observed_at":"2026-11-25T07:54:34+00:00"}', '50e76085abb07f11b0ae490e13fdd526c9bd91bd5494fabd0515b90a51c96232');
INSERT INTO public.ledger VALUES (7, 'report', '2026-11-25 08:03:34.794222+00', 'k_f5ed8f893a7252f1', 'rs-3374010', 'native', 'decc26b6-5f36-4d5c-9a72-b3c35bbb45db', '2026-11-25 07:43:34+00', 'c30247f696d0a6e099fd70927e908f188bb5c51f5d8cc882968162b5dd527c6e', 'late', '[["late",0,"a newer figure of this line is known and stands"]]', '{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":1,"beds_total":11,"ward_code":""}],"observed_at":"2026-11-25T07:43:34+00:00"}', 'aac0f106d4d1c20e97c618e1da908f90329b27761d33b2e1d98e66c3eebd2e21');
INSERT INTO public.ledger VALUES (8, 'report', '2026-11-25 08:03:34.797753+00', 'k_f5ed8f893a7252f1', 'rs-3374010', 'native', 'afa6c3ed-1fd9-48e2-8e93-fcf6c1244663', '2026-11-25 07:55:34+00', '809d0505fdfd4f72387a66f1712d9e2a38f4a168a71616d3bf7c216c90e5d8bc', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"hcu","beds_available":1,"beds_blocked":0,"beds_total":6,"ward_code":"A"}],"observed_at":"2026-11-25T07:55:34+00:00"}', 'acbf158d5a0adba90e9f4b2ddcfa60a398e533ad1e3666c65e6895f16f45b93a');
INSERT INTO public.ledger VALUES (9, 'report', '2026-11-25 08:03:34.801139+00', 'k_f5ed8f893a7252f1', 'rs-3374021', 'native', 'cfe956ec-ddcd-4940-af86-c3e1c1d95b9e', '2026-11-25 07:56:34+00', 'b4f4240b503d180f59a533b24a1f8f6957e06fc590788b8797a9c2bc5ef1944e', 'applied', NULL, '{"channel":"native","complete":true,"facility_id":"rs-3374021","lines":[{"bed_type":"ward_1","beds_blocked":0,"beds_occupied":31,"beds_total":40,"ward_code":""}],"observed_at":"2026-11-25T07:56:34+00:00"}', 'dd4008d94a3f1b79cd8a4d21532cf2340cc403a761bb6aaad36d994b7b4a9b3a');
INSERT INTO public.ledger VALUES (10, 'report', '2026-11-25 08:03:34.804529+00', 'k_f5ed8f893a7252f1', 'rs-3374021', 'native', '983143cd-496b-4da5-b23c-fc10454bc628', '2026-11-25 07:58:34+00', '7c9b485fd688475605215adeaf07240ebfbecb7a9a43a529a26a4fb1db2e5f18', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"rs-3374021","lines":[{"bed_type":"burn","closed":true,"ward_code":""}],"observed_at":"2026-11-25T07:58:34+00:00"}', '63a796a0afb6392843541542baf801be6dc976a637925e0bcb5ead7f659bc4a0');
INSERT INTO public.ledger VALUES (11, 'report', '2026-11-25 08:03:34.807694+00', 'k_f5ed8f893a7252f1', 'pkm-1', 'native', 'a7d7f2d9-1f56-4591-aa67-2f3c4d1c26ae', '2026-11-25 07:57:34+00', '24a813af3262d7b37de1c63d477bd4a8404f3a2805fd78fcc2892282959b4e46', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"pkm-1","lines":[{"bed_type":"isolation_bed","beds_blocked":0,"beds_occupied":0,"beds_total":8,"ward_code":""}],"observed_at":"2026-11-25T07:57:34+00:00"}', '808b343bdc57af18b29e1a417a1e175ae17dac736d8e531474cdce47f34bba3c');
INSERT INTO public.ledger VALUES (12, 'facilities', '2026-11-25 08:03:34.817899+00', 'k_f5ed8f893a7252f1', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"effective_at":"2026-11-25T08:03:34.817899+00:00","facilities":[{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city","phone":"024 123"}],"reason":"new telephone"}', '2a75c056fcd40b14771a74cd4f437649f377360df5e81468cdaeda4724403ae6');
INSERT INTO public.ledger VALUES (13, 'keys', '2026-11-25 08:03:34.830023+00', 'k_f5ed8f893a7252f1', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-25T08:03:33.654353+00:00","created_by":"operator","digest":"38bd156101c7e5c495cd846cee2fd6cb5a99366efeec2f50725ca2e4a6e636ec","name":"","prefix":"68a2dbd7fa97","principal":"k_9116ed3ea1a3226b","revoked_at":"2026-11-25T08:03:34.830023+00:00","role":"district","scope_id":"33.74","scope_kind":"area"}]}', '1bc8c8e136fad1d717527037ac1d0e3d31a71de00fe33f0b7c06dfbae2fe5dcd');
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.areas
    ADD CONSTRAINT pk_areas PRIMARY KEY (code);
ALTER TABLE ONLY public.channels
    ADD CONSTRAINT pk_channels PRIMARY KEY (facility_id, channel);
ALTER TABLE ONLY public.credentials
    ADD CONSTRAINT pk_credentials PRIMARY KEY (prefix);
ALTER TABLE ONLY public.facilities
    ADD CONSTRAINT pk_facilities PRIMARY KEY (facility_id);
ALTER TABLE ONLY public.identifiers
    ADD CONSTRAINT pk_identifiers PRIMARY KEY (system, value);
ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT pk_ledger PRIMARY KEY (seq);
ALTER TABLE ONLY public.identifiers
    ADD CONSTRAINT uq_identifiers_facility_id_system UNIQUE (facility_id, system);
ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT uq_ledger_by_report_id UNIQUE (by, report_id);
CREATE INDEX ix_areas_parent ON public.areas USING btree (parent);
CREATE INDEX ix_credentials_principal ON public.credentials USING btree (principal);
CREATE INDEX ix_facilities_area_code ON public.facilities USING btree (area_code);
CREATE INDEX ix_ledger_facility_id_observed_at ON public.ledger USING btree (facility_id, observed_at);
CREATE INDEX ix_ledger_facility_id_seq ON public.ledger USING btree (facility_id, seq);
CREATE TRIGGER ledger_no_change BEFORE DELETE OR UPDATE ON public.ledger FOR EACH ROW EXECUTE FUNCTION public.ledger_is_append_only();
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON public.ledger FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_is_append_only();
ALTER TABLE ONLY public.areas
    ADD CONSTRAINT fk_areas_parent FOREIGN KEY (parent) REFERENCES public.areas(code);
ALTER TABLE ONLY public.channels
    ADD CONSTRAINT fk_channels_facility_id FOREIGN KEY (facility_id) REFERENCES public.facilities(facility_id);
ALTER TABLE ONLY public.facilities
    ADD CONSTRAINT fk_facilities_area_code FOREIGN KEY (area_code) REFERENCES public.areas(code);
ALTER TABLE ONLY public.identifiers
    ADD CONSTRAINT fk_identifiers_facility_id FOREIGN KEY (facility_id) REFERENCES public.facilities(facility_id);
