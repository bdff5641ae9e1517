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
CREATE TABLE public.lines (
    facility_id text NOT NULL,
    channel text NOT NULL,
    ward_code text NOT NULL,
    bed_type text NOT NULL,
    ward_name text,
    closed boolean NOT NULL,
    observed_at timestamp with time zone NOT NULL,
    seq bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    beds_total integer,
    beds_occupied integer,
    beds_blocked integer,
    beds_available integer,
    beds_preparing integer,
    beds_planned integer,
    queue integer,
    occupied_suspected integer,
    occupied_confirmed integer,
    available_male integer,
    available_female integer,
    available_is text,
    CONSTRAINT ck_lines_available_is CHECK (((available_is IS NULL) OR (available_is = ANY (ARRAY['reported'::text, 'derived'::text])))),
    CONSTRAINT ck_lines_channel CHECK ((channel = ANY (ARRAY['native'::text, 'sirs'::text, 'aplicares'::text, 'siranap_v1'::text, 'fhir'::text, 'sheet'::text, 'form'::text]))),
    CONSTRAINT ck_lines_closed CHECK ((closed = ((beds_total IS NULL) AND (beds_occupied IS NULL) AND (beds_available IS NULL)))),
    CONSTRAINT ck_lines_counts CHECK (((beds_total >= 0) AND (beds_occupied >= 0) AND (beds_available >= 0) AND (beds_blocked >= 0)))
);
INSERT INTO public.alembic_version VALUES ('4761e9b15fd0');
INSERT INTO public.areas VALUES ('ID', 'Indonesia', 'country', 'country', NULL, 0, NULL, NULL);
INSERT INTO public.areas VALUES ('33', 'Jawa Tengah', 'province', 'provinsi', 'ID', 1, NULL, NULL);
INSERT INTO public.areas VALUES ('33.74', 'Kota Semarang', 'city', 'kota', '33', 2, NULL, NULL);
INSERT INTO public.areas VALUES ('33.74.07', 'Semarang Selatan', 'kecamatan', 'kecamatan', '33.74', 3, NULL, NULL);
INSERT INTO public.channels VALUES ('rs-3374010', 'native', '2026-11-25 07:55:15+00', 8, '2026-11-25 08:03:15.833391+00', NULL, NULL);
INSERT INTO public.channels VALUES ('rs-3374021', 'native', '2026-11-25 07:58:15+00', 10, '2026-11-25 08:03:15.843846+00', '2026-11-25 07:56:15+00', 9);
INSERT INTO public.channels VALUES ('pkm-1', 'native', '2026-11-25 07:57:15+00', 11, '2026-11-25 08:03:15.847603+00', NULL, NULL);
INSERT INTO public.credentials VALUES ('e48de5f5e797', '4a37715390d87b920d33901cc340133675aebba4a7fa0d30f8f1217f7602099b', 'k_568d0ede48481976', 'command', 'national', NULL, 'Dinkes', '2026-11-25 08:03:12.6937+00', 'operator', NULL, NULL);
INSERT INTO public.credentials VALUES ('190eb725a563', 'b32e727bfb914f2d1a4d0fe01353b6948f27bb6ec8ded231027a2109def75d7a', 'k_d823173992ce95ef', 'hospital', 'facility', 'rs-3374010', '', '2026-11-25 08:03:13.572282+00', 'operator', NULL, NULL);
INSERT INTO public.credentials VALUES ('eea1cbb6d5d9', 'e21be374c8f32ec62069156d982478defd3a2e9a750886ff1c472db046b64945', 'k_62546641ae0ca2ef', 'district', 'area', '33.74', '', '2026-11-25 08:03:14.441553+00', 'operator', NULL, '2026-11-25 08:03:15.868315+00');
INSERT INTO public.facilities VALUES ('rs-3374010', 'hospital', 'RS Umum Pusat Dr. Kariadi', '33.74.07', 'country', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2);
INSERT INTO public.facilities VALUES ('rs-3374021', 'hospital', 'RS "St. Elisabeth"', '33.74', 'private', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2);
INSERT INTO public.facilities VALUES ('pkm-1', 'clinic', 'Puskesmas Pandanaran', '33.74.07', 'city', NULL, NULL, '024 123', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 12);
INSERT INTO public.identifiers VALUES ('sirs', '3374010', 'rs-3374010');
INSERT INTO public.identifiers VALUES ('sirs', '3374021', 'rs-3374021');
INSERT INTO public.identifiers VALUES ('bpjs', '1199R021', 'rs-3374021');
INSERT INTO public.ledger VALUES (1, 'areas', '2026-11-25 08:03:09.918885+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"areas":[{"code":"ID","level":"country","name":"Indonesia","type":"country"},{"code":"33","level":"province","name":"Jawa Tengah","parent":"ID","type":"provinsi"},{"code":"33.74","level":"city","name":"Kota Semarang","parent":"33","type":"kota"},{"code":"33.74.07","level":"kecamatan","name":"Semarang Selatan","parent":"33.74","type":"kecamatan"}]}', '9626db3cfc13af295f940fc12deb108409eb46b02feea79f57c26ee0fbe206b8');
INSERT INTO public.ledger VALUES (2, 'facilities', '2026-11-25 08:03:11.825668+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"effective_at":"2026-11-25T08:03:11.825668+00:00","facilities":[{"area_code":"33.74.07","facility_id":"rs-3374010","identifiers":{"sirs":"3374010"},"kind":"hospital","name":"RS Umum Pusat Dr. Kariadi","operated_by":"country"},{"area_code":"33.74","facility_id":"rs-3374021","identifiers":{"bpjs":"1199R021","sirs":"3374021"},"kind":"hospital","name":"RS \"St. Elisabeth\"","operated_by":"private"},{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city"}],"reason":"registered"}', 'd52bef1e85d066df4e9ddf85b2e1e01eae67069191dce29d3a798471d77c227a');
INSERT INTO public.ledger VALUES (3, 'keys', '2026-11-25 08:03:12.6937+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-25T08:03:12.693700+00:00","created_by":"operator","digest":"4a37715390d87b920d33901cc340133675aebba4a7fa0d30f8f1217f7602099b","name":"Dinkes","prefix":"e48de5f5e797","principal":"k_568d0ede48481976","role":"command","scope_kind":"national"}]}', 'd37635d80d8c44482f2749c939e7ec1b7db5cc652fbbde3365f8d2b8d09fa0fc');
INSERT INTO public.ledger VALUES (4, 'keys', '2026-11-25 08:03:13.572282+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-25T08:03:13.572282+00:00","created_by":"operator","digest":"b32e727bfb914f2d1a4d0fe01353b6948f27bb6ec8ded231027a2109def75d7a","name":"","prefix":"190eb725a563","principal":"k_d823173992ce95ef","role":"hospital","scope_id":"rs-3374010","scope_kind":"facility"}]}', 'c48a4da0d70a6a979e1de05e48cb433e719187af373af2e8894466f160e1ce4f');
INSERT INTO public.ledger VALUES (5, 'keys', '2026-11-25 08:03:14.441553+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-25T08:03:14.441553+00:00","created_by":"operator","digest":"e21be374c8f32ec62069156d982478defd3a2e9a750886ff1c472db046b64945","name":"","prefix":"eea1cbb6d5d9","principal":"k_62546641ae0ca2ef","role":"district","scope_id":"33.74","scope_kind":"area"}]}', 'f0abf673e9503574b26730fd3fbb12b3270cd1a106d6b068dc75fa3edbcd8a3a');
INSERT INTO public.ledger VALUES (6, 'report', '2026-11-25 08:03:15.802261+00', 'k_568d0ede48481976', 'rs-3374010', 'native', '4175edc0-ca3b-4edc-8cde-a4dda84fb016', '2026-11-25 07:54:15+00', '08a399992d453fd97b3c24324153d790521faaef67f5fcf23c50934dfdf4d150', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":9,"beds_total":12,"queue":2,"ward_code":""}],"observed_at":"2026-11-25T07:54:15+00:00"}', 'c8fb490c00a98edc76b5395520a1142502af4fadcd3c4abb4e23d8a7bab4f3bf');
INSERT INTO public.ledger VALUES (7, 'report', '2026-11-25 08:03:15.828094+00', 'k_568d0ede48481976', 'rs-3374010', 'native', '27549483-8762-4dce-be2c-3ed20aac033b', '2026-11-25 07:43:15+00', '74f9226c7caf91cf8ba71d61dc365c895af224d105d1d84da8bf4b24a45a6bc0', 'late', '[["late",0,"a newer figure of this line is known and stands"]]', '{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":1,"beds_total":11,"ward_code":""}],"observed_at":"2026-11-25T07:43:15+00:00"}', '5402bbe5462645c5aaf701eb01f4f91602471ef960c1ca6883480ae4ca9d25fd');
INSERT INTO public.ledger VALUES (8, 'report', '2026-11-25 08:03:15.833391+00', 'k_568d0ede48481976', 'rs-3374010', 'native', '7aa1e679-83ce-421d-8e10-9c6fb9b2beeb', '2026-11-25 07:55:15+00', 'c21360bf5dab33333568f977198c50f6f330e883e671b8421ea431325ec3dc95', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"hcu","beds_available":1,"beds_blocked":0,"beds_total":6,"ward_code":"A"}],"observed_at":"2026-11-25T07:55:15+00:00"}', '9525b2fff8a85838e8f1278d639ecb22c1ba7ad479b1a928c0baa0b6d203deb0');
INSERT INTO public.ledger VALUES (9, 'report', '2026-11-25 08:03:15.840198+00', 'k_568d0ede48481976', 'rs-3374021', 'native', '0e4ba10e-8e28-40b2-a0a5-6c1701515dcf', '2026-11-25 07:56:15+00', 'd359a0c10e8c25586d95d821c35e4c9c3cea6d343bdc5e24de469a978d7f51c9', 'applied', NULL, '{"channel":"native","complete":true,"facility_id":"rs-3374021","lines":[{"bed_type":"ward_1","beds_blocked":0,"beds_occupied":31,"beds_total":40,"ward_code":""}],"observed_at":"2026-11-25T07:56:15+00:00"}', '970997b78cd0e5109fea24a720b5620e956bd8681403adf5c353c99d9b17a56e');
INSERT INTO public.ledger VALUES (10, 'report', '2026-11-25 08:03:15.843846+00', 'k_568d0ede48481976', 'rs-3374021', 'native', 'd24ed70e-80a3-48d0-b1dc-8ad719ed5770', '2026-11-25 07:58:15+00', 'a6b15425052ab390b697e91b8f07b9c01f64fc19830c2ce8a19aeb56eb427e0b', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"rs-3374021","lines":[{"bed_type":"burn","closed":true,"ward_code":""}],"observed_at":"2026-11-25T07:58:15+00:00"}', 'd6bdbcbd0386b0fdfb662b786736c569517c835f170076d55c10801412f0d512');
INSERT INTO public.ledger VALUES (11, 'report', '2026-11-25 08:03:15.847603+00', 'k_568d0ede48481976', 'pkm-1', 'native', 'f115ba98-c308-441f-9341-946cb04d8d15', '2026-11-25 07:57:15+00', '246a0fd533ff8c00a4ec43e2effd72852fdb838dc06d0ec21c62dc7219e43ffe', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"pkm-1","lines":[{"bed_type":"isolation_bed","beds_blocked":0,"beds_occupied":0,"beds_total":8,"ward_code":""}],"observed_at":"2026-11-25T07:57:15+00:00"}', '2689f584b5ab69bfd20d6233b52f4668ed0b7e016701e5865b0aa8e6c4096788');
INSERT INTO public.ledger VALUES (12, 'facilities', '2026-11-25 08:03:15.85409+00', 'k_568d0ede48481976', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"effective_at":"2026-11-25T08:03:15.854090+00:00","facilities":[{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city","phone":"024 123"}],"reason":"new telephone"}', '29cd82c368bdc99303902083853f3e1e32e5bd134c9b3feea8ec8885f542737d');
INSERT INTO public.ledger VALUES (13, 'keys', '2026-11-25 08:03:15.868315+00', 'k_568d0ede48481976', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-25T08:03:14.441553+00:00","created_by":"operator","digest":"e21be374c8f32ec62069156d982478defd3a2e9a750886ff1c472db046b64945","name":"","prefix":"eea1cbb6d5d9","principal":"k_62546641ae0ca2ef","revoked_at":"2026-11-25T08:03:15.868315+00:00","role":"district","scope_id":"33.74","scope_kind":"area"}]}', 'fab33ad46e66d73ed7d39f7b33d8a430ee916cbc8e8ccfce33cd7ee45ef0833a');
INSERT INTO public.lines VALUES ('rs-3374010', 'native', '', 'icu', NULL, false, '2026-11-25 07:54:15+00', 6, '2026-11-25 08:03:15.802261+00', 12, 9, 0, 3, NULL, NULL, 2, NULL, NULL, NULL, NULL, 'derived');
INSERT INTO public.lines VALUES ('rs-3374010', 'native', 'A', 'hcu', NULL, false, '2026-11-25 07:55:15+00', 8, '2026-11-25 08:03:15.833391+00', 6, 5, 0, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'reported');
INSERT INTO public.lines VALUES ('rs-3374021', 'native', '', 'ward_1', NULL, false, '2026-11-25 07:56:15+00', 9, '2026-11-25 08:03:15.840198+00', 40, 31, 0, 9, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'derived');
INSERT INTO public.lines VALUES ('rs-3374021', 'native', '', 'burn', NULL, true, '2026-11-25 07:58:15+00', 10, '2026-11-25 08:03:15.843846+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.lines VALUES ('pkm-1', 'native', '', 'isolation_bed', NULL, false, '2026-11-25 07:57:15+00', 11, '2026-11-25 08:03:15.847603+00', 8, 0, 0, 8, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'derived');
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
ALTER TABLE ONLY public.lines
    ADD CONSTRAINT pk_lines PRIMARY KEY (facility_id, channel, ward_code, bed_type);
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
ALTER TABLE ONLY public.lines
    ADD CONSTRAINT fk_lines_facility_id FOREIGN KEY (facility_id) REFERENCES public.facilities(facility_id);
