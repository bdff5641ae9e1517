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
    channel text,
    sealed text,
    seq bigint DEFAULT '0'::bigint NOT NULL,
    CONSTRAINT ck_credentials_channel CHECK ((channel = ANY (ARRAY['native'::text, 'sirs'::text, 'aplicares'::text, 'siranap_v1'::text, 'fhir'::text, 'sheet'::text, 'form'::text]))),
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
    switches text,
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
CREATE TABLE public.messages (
    id bigint NOT NULL,
    facility_id text NOT NULL,
    channel text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    request text NOT NULL,
    outcome text NOT NULL,
    status integer NOT NULL,
    detail text,
    clock_skew_seconds bigint,
    address text,
    request_id text NOT NULL,
    seq bigint,
    CONSTRAINT ck_messages_channel CHECK ((channel = ANY (ARRAY['native'::text, 'sirs'::text, 'aplicares'::text, 'siranap_v1'::text, 'fhir'::text, 'sheet'::text, 'form'::text]))),
    CONSTRAINT ck_messages_outcome CHECK ((outcome = ANY (ARRAY['accepted'::text, 'flagged'::text, 'refused'::text])))
);
CREATE SEQUENCE public.messages_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.messages_id_seq OWNED BY public.messages.id;
CREATE TABLE public.rejected_requests (
    facility_id text NOT NULL,
    hour timestamp with time zone NOT NULL,
    address text NOT NULL,
    count bigint NOT NULL,
    last_at timestamp with time zone NOT NULL
);
CREATE TABLE public.relay_accounts (
    facility_id text NOT NULL,
    channel text NOT NULL,
    sealed text,
    sent integer NOT NULL,
    refused integer NOT NULL,
    dropped integer NOT NULL,
    last_sent_at timestamp with time zone,
    last_status integer,
    last_answer text,
    failures integer NOT NULL,
    last_failure_at timestamp with time zone,
    last_failure text,
    next_attempt_at timestamp with time zone,
    CONSTRAINT ck_relay_accounts_channel CHECK ((channel = ANY (ARRAY['native'::text, 'sirs'::text, 'aplicares'::text, 'siranap_v1'::text, 'fhir'::text, 'sheet'::text, 'form'::text])))
);
CREATE TABLE public.relay_leases (
    name text NOT NULL,
    holder text NOT NULL,
    until timestamp with time zone NOT NULL
);
CREATE TABLE public.relay_queue (
    id bigint NOT NULL,
    facility_id text NOT NULL,
    channel text NOT NULL,
    "row" text NOT NULL,
    method text NOT NULL,
    path text NOT NULL,
    body bytea NOT NULL,
    received_at timestamp with time zone NOT NULL,
    attempts integer NOT NULL,
    CONSTRAINT ck_relay_queue_channel CHECK ((channel = ANY (ARRAY['native'::text, 'sirs'::text, 'aplicares'::text, 'siranap_v1'::text, 'fhir'::text, 'sheet'::text, 'form'::text])))
);
CREATE SEQUENCE public.relay_queue_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.relay_queue_id_seq OWNED BY public.relay_queue.id;
CREATE TABLE public.waiting_rows (
    facility_id text NOT NULL,
    channel text NOT NULL,
    row_id text NOT NULL,
    said text NOT NULL,
    received_at timestamp with time zone NOT NULL,
    times integer NOT NULL,
    CONSTRAINT ck_waiting_rows_channel CHECK ((channel = ANY (ARRAY['native'::text, 'sirs'::text, 'aplicares'::text, 'siranap_v1'::text, 'fhir'::text, 'sheet'::text, 'form'::text])))
);
ALTER TABLE ONLY public.messages ALTER COLUMN id SET DEFAULT nextval('public.messages_id_seq'::regclass);
ALTER TABLE ONLY public.relay_queue ALTER COLUMN id SET DEFAULT nextval('public.relay_queue_id_seq'::regclass);
INSERT INTO public.alembic_version VALUES ('5c3f0d8a71e2');
INSERT INTO public.areas VALUES ('ID', 'Indonesia', 'country', 'country', NULL, 0, NULL, NULL);
INSERT INTO public.areas VALUES ('33', 'Jawa Tengah', 'province', 'provinsi', 'ID', 1, NULL, NULL);
INSERT INTO public.areas VALUES ('33.74', 'Kota Semarang', 'city', 'kota', '33', 2, NULL, NULL);
INSERT INTO public.areas VALUES ('33.74.07', 'Semarang Selatan', 'kecamatan', 'kecamatan', '33.74', 3, NULL, NULL);
INSERT INTO public.channels VALUES ('rs-3374010', 'native', '2026-11-25 07:59:06+00', 8, '2026-11-25 08:07:06.533465+00', NULL, NULL, '[["","icu",null,"2026-11-25T07:58:06+00:00",6,"2026-11-25T08:07:06.506194+00:00",[12,9,0,3,null,null,2,null,null,null,null,"derived"]],["A","hcu",null,"2026-11-25T07:59:06+00:00",8,"2026-11-25T08:07:06.533465+00:00",[6,5,0,1,null,null,null,null,null,null,null,"reported"]]]');
INSERT INTO public.channels VALUES ('rs-3374021', 'native', '2026-11-25 08:02:06+00', 10, '2026-11-25 08:07:06.54517+00', '2026-11-25 08:00:06+00', 9, '[["","ward_1",null,"2026-11-25T08:00:06+00:00",9,"2026-11-25T08:07:06.542142+00:00",[40,31,0,9,null,null,null,null,null,null,null,"derived"]],["","burn",null,"2026-11-25T08:02:06+00:00",10,"2026-11-25T08:07:06.545170+00:00",null]]');
INSERT INTO public.channels VALUES ('pkm-1', 'native', '2026-11-25 08:01:06+00', 11, '2026-11-25 08:07:06.553433+00', NULL, NULL, '[["","isolation_bed",null,"2026-11-25T08:01:06+00:00",11,"2026-11-25T08:07:06.553433+00:00",[8,0,0,8,null,null,null,null,null,null,null,"derived"]]]');
INSERT INTO public.channels VALUES ('rs-3374021', 'sirs', '2026-11-25 08:07:09.301331+00', 17, '2026-11-25 08:07:09.301331+00', NULL, NULL, '[["900000001","icu_no_ventilator","ICU Lantai 2","2026-11-25T08:07:09.301331+00:00",17,"2026-11-25T08:07:09.301331+00:00",[5,3,0,2,null,null,null,null,null,null,null,"derived"],"{\"id_tt\":\"6\",\"jumlah\":5,\"jumlah_ruang\":1,\"ruang\":\"ICU Lantai 2\",\"terpakai\":3}"]]');
INSERT INTO public.credentials VALUES ('76875e0cfba6', '0ad529217b89fd34ba98d0b58de6fa3c143ed18bbcd88a97b2867f918eb426f3', 'k_b53a11402b0e8115', 'command', 'national', NULL, 'Dinkes', '2026-11-25 08:07:02.244155+00', 'operator', NULL, NULL, NULL, NULL, 3);
INSERT INTO public.credentials VALUES ('159e141bad4e', '4591706cd3f803567f8d1fadbbfbf06ec824dacb544aa5edb04bb12d584d786a', 'k_240b9efac40bb54c', 'hospital', 'facility', 'rs-3374010', '', '2026-11-25 08:07:03.335352+00', 'operator', NULL, NULL, NULL, NULL, 4);
INSERT INTO public.credentials VALUES ('58c12690bc29', '3f1f4cdcb5ea640084d3120c27951071a09db542f7137a11ca4bfb9967b4e809', 'k_3c55792a433edb5b', 'district', 'area', '33.74', '', '2026-11-25 08:07:04.643172+00', 'operator', NULL, '2026-11-25 08:07:06.573439+00', NULL, NULL, 5);
INSERT INTO public.credentials VALUES ('95203f75b24d', 'ff4d9a2d8e38e882592e544b15485ec703665c544f7e685ce5dc328ad9caacf4', 'k_af220603101e0113', 'hospital', 'facility', 'rs-3374021', 'RS "St. Elisabeth" (sirs)', '2026-11-25 08:07:09.25563+00', 'operator', NULL, NULL, 'sirs', NULL, 14);
INSERT INTO public.credentials VALUES ('57926143', 'c48e44cbee664ea897f675b5dcd0d1d76a1f673de860cd8d3273c1eaf68a56e3', 'k_2353745660200dbc', 'hospital', 'facility', 'rs-3374021', 'RS "St. Elisabeth" (aplicares)', '2026-11-25 08:07:09.25563+00', 'operator', NULL, NULL, 'aplicares', 'gAAAAABrBpctCqKQG7Jtmsua70ZRROoKKQItrIWyUuognxPbQfZbxbs9Pem-BAfvH5xyQNeQCKYDs-e0cFWUPTOJ8-hHviiLNhTwwzIMDIQkT_8nlBDR1zgPxRoCdFXbDMj3XH8Zkwt6', 15);
INSERT INTO public.credentials VALUES ('28005f96c22e', 'a9db2dc2280f21a8b1d1e560f510223381c6fd08e81c40856de55568a41e70b1', 'k_fde9ea7d351bfc5f', 'hospital', 'facility', 'rs-3374021', 'RS "St. Elisabeth" (siranap_v1)', '2026-11-25 08:07:09.25563+00', 'operator', NULL, NULL, 'siranap_v1', NULL, 16);
INSERT INTO public.facilities VALUES ('rs-3374010', 'hospital', 'RS Umum Pusat Dr. Kariadi', '33.74.07', 'country', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2, NULL);
INSERT INTO public.facilities VALUES ('rs-3374021', 'hospital', 'RS "St. Elisabeth"', '33.74', 'private', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2, NULL);
INSERT INTO public.facilities VALUES ('pkm-1', 'clinic', 'Puskesmas Pandanaran', '33.74.07', 'city', NULL, NULL, '024 123', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 12, NULL);
INSERT INTO public.identifiers VALUES ('sirs', '3374010', 'rs-3374010');
INSERT INTO public.identifiers VALUES ('sirs', '3374021', 'rs-3374021');
INSERT INTO public.identifiers VALUES ('bpjs', '1199R021', 'rs-3374021');
INSERT INTO public.ledger VALUES (1, 'areas', '2026-11-25 08:06:58.584311+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"areas":[{"code":"ID","level":"country","name":"Indonesia","type":"country"},{"code":"33","level":"province","name":"Jawa Tengah","parent":"ID","type":"provinsi"},{"code":"33.74","level":"city","name":"Kota Semarang","parent":"33","type":"kota"},{"code":"33.74.07","level":"kecamatan","name":"Semarang Selatan","parent":"33.74","type":"kecamatan"}]}', 'f2d3f48aeeba868ff7d06046ab58b9b3bc377efb5b6766fdaf75ea4f68e7967e');
INSERT INTO public.ledger VALUES (2, 'facilities', '2026-11-25 08:07:01.133922+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"effective_at":"2026-11-25T08:07:01.133922+00:00","facilities":[{"area_code":"33.74.07","facility_id":"rs-3374010","identifiers":{"sirs":"3374010"},"kind":"hospital","name":"RS Umum Pusat Dr. Kariadi","operated_by":"country"},{"area_code":"33.74","facility_id":"rs-3374021","identifiers":{"bpjs":"1199R021","sirs":"3374021"},"kind":"hospital","name":"RS \"St. Elisabeth\"","operated_by":"private"},{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city"}],"reason":"registered"}', '0c077490584792b43f45ba7bde78a61e78a0f996916f4757af333fafd51052e9');
INSERT INTO public.ledger VALUES (3, 'keys', '2026-11-25 08:07:02.244155+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-25T08:07:02.244155+00:00","created_by":"operator","digest":"0ad529217b89fd34ba98d0b58de6fa3c143ed18bbcd88a97b2867f918eb426f3","name":"Dinkes","prefix":"76875e0cfba6","principal":"k_b53a11402b0e8115","role":"command","scope_kind":"national"}]}', '604aea6ad4b0884b8b0753c2b4ca53c924132fb0bc979aa5a25b69f2c9a917d1');
INSERT INTO public.ledger VALUES (4, 'keys', '2026-11-25 08:07:03.335352+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-25T08:07:03.335352+00:00","created_by":"operator","digest":"4591706cd3f803567f8d1fadbbfbf06ec824dacb544aa5edb04bb12d584d786a","name":"","prefix":"159e141bad4e","principal":"k_240b9efac40bb54c","role":"hospital","scope_id":"rs-3374010","scope_kind":"facility"}]}', 'c51dcfcf1da3fe525fbab91bd4e437b9436410d219b376284bb4c028e335da5b');
INSERT INTO public.ledger VALUES (5, 'keys', '2026-11-25 08:07:04.643172+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-25T08:07:04.643172+00:00","created_by":"operator","digest":"3f1f4cdcb5ea640084d3120c27951071a09db542f7137a11ca4bfb9967b4e809","name":"","prefix":"58c12690bc29","principal":"k_3c55792a433edb5b","role":"district","scope_id":"33.74","scope_kind":"area"}]}', '73f6cf68ff410bc8b1e0915f294f75dcb95680afd621368cd8e63a66868ee803');
INSERT INTO public.ledger VALUES (6, 'report', '2026-11-25 08:07:06.506194+00', 'k_b53a11402b0e8115', 'rs-3374010', 'native', 'd4d72274-e704-4e60-badf-e01956e0be30', '2026-11-25 07:58:06+00', '7ede54de96f841d6667f566c392d334e9758550e6820ea4060e129c0a2c4c77d', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":9,"beds_total":12,"queue":2,"ward_code":""}],"observed_at":"2026-11-25T07:58:06+00:00"}', '368281ccb18dc5fbdebfff0425c3774ec8bb808118a6e09994eb80bb06f37963');
INSERT INTO public.ledger VALUES (7, 'report', '2026-11-25 08:07:06.526792+00', 'k_b53a11402b0e8115', 'rs-3374010', 'native', 'c70df341-b7c0-4310-bd44-1fb75a80d1f8', '2026-11-25 07:47:06+00', 'f38fde505bd09b217c559064251205b3382ec15bd0cb1ac32f1b1322b80f1238', 'late', '[["late",0,"a newer figure of this line is known and stands"]]', '{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":1,"beds_total":11,"ward_code":""}],"observed_at":"2026-11-25T07:47:06+00:00"}', 'ea3c1fc12187e101224c78e66ced87a15d6c33028c46792ac98d886e0d16ae39');
INSERT INTO public.ledger VALUES (8, 'report', '2026-11-25 08:07:06.533465+00', 'k_b53a11402b0e8115', 'rs-3374010', 'native', '88d4df08-6370-4d7b-9a61-b99d6df57951', '2026-11-25 07:59:06+00', '5124ab5bcf589ad827404eb450ffc7c285815ab865b30588b605f2489455d2d4', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"hcu","beds_available":1,"beds_blocked":0,"beds_total":6,"ward_code":"A"}],"observed_at":"2026-11-25T07:59:06+00:00"}', '64dd60341a7dd4b23dc2a48879dab10b0be3bc1d6e524022f5ce26d389b9e67b');
INSERT INTO public.ledger VALUES (9, 'report', '2026-11-25 08:07:06.542142+00', 'k_b53a11402b0e8115', 'rs-3374021', 'native', 'dd964a18-3078-4476-ab22-bfac81a0d082', '2026-11-25 08:00:06+00', 'abe2891afe88d23cc3ca7682a500441567661c143826aba7361fe81c8abdd96a', 'applied', NULL, '{"channel":"native","complete":true,"facility_id":"rs-3374021","lines":[{"bed_type":"ward_1","beds_blocked":0,"beds_occupied":31,"beds_total":40,"ward_code":""}],"observed_at":"2026-11-25T08:00:06+00:00"}', 'd28a034e8b60482ecfcc7313a84ef804c91a9bdf6bba6f60be255ee037b10773');
INSERT INTO public.ledger VALUES (10, 'report', '2026-11-25 08:07:06.54517+00', 'k_b53a11402b0e8115', 'rs-3374021', 'native', '8c658e63-4278-45ba-977e-e70c3049af37', '2026-11-25 08:02:06+00', '4b1d3626b1b129e8fbda6438315088c13fbf901110054a8b80b8ca927eaba824', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"rs-3374021","lines":[{"bed_type":"burn","closed":true,"ward_code":""}],"observed_at":"2026-11-25T08:02:06+00:00"}', 'aa5f6ac3a71ead79e9ce4287f0cbe2a4b10d9e1225a529bd3a029ba9e532bc48');
INSERT INTO public.ledger VALUES (11, 'report', '2026-11-25 08:07:06.553433+00', 'k_b53a11402b0e8115', 'pkm-1', 'native', '61d6dd17-7ca7-49c5-afbc-a0fb12f0dd80', '2026-11-25 08:01:06+00', '7fb04f440e7889e23a8198135d2dd485a279448d7a830ec10c609d1ea6ce859a', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"pkm-1","lines":[{"bed_type":"isolation_bed","beds_blocked":0,"beds_occupied":0,"beds_total":8,"ward_code":""}],"observed_at":"2026-11-25T08:01:06+00:00"}', '53639e74177f159e747ebb75e46440fa8f4b1eaad9933f5f466973e8a36a4722');
INSERT INTO public.ledger VALUES (12, 'facilities', '2026-11-25 08:07:06.561272+00', 'k_b53a11402b0e8115', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"effective_at":"2026-11-25T08:07:06.561272+00:00","facilities":[{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city","phone":"024 123"}],"reason":"new telephone"}', 'f409f5b345ad69311075418dda24e9f09c6e8106feba3482205005e33f013ca9');
INSERT INTO public.ledger VALUES (13, 'keys', '2026-11-25 08:07:06.573439+00', 'k_b53a11402b0e8115', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-25T08:07:04.643172+00:00","created_by":"operator","digest":"3f1f4cdcb5ea640084d3120c27951071a09db542f7137a11ca4bfb9967b4e809","name":"","prefix":"58c12690bc29","principal":"k_3c55792a433edb5b","revoked_at":"2026-11-25T08:07:06.573439+00:00","role":"district","scope_id":"33.74","scope_kind":"area"}]}', 'ed22e986fcded9d7405470a504300b6667fb7be0f524682b93d5844a8fdae86f');
INSERT INTO public.ledger VALUES (14, 'keys', '2026-11-25 08:07:09.25563+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"channel":"sirs","created_at":"2026-11-25T08:07:09.255630+00:00","created_by":"operator","digest":"ff4d9a2d8e38e882592e544b15485ec703665c544f7e685ce5dc328ad9caacf4","name":"RS \"St. Elisabeth\" (sirs)","prefix":"95203f75b24d","principal":"k_af220603101e0113","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility"}]}', '7ba6b627c2ca9b0e2e0e6dc8cc80ce8b22cb8fc5e0daeaa75754847467b5194a');
INSERT INTO public.ledger VALUES (15, 'keys', '2026-11-25 08:07:09.25563+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"channel":"aplicares","created_at":"2026-11-25T08:07:09.255630+00:00","created_by":"operator","digest":"c48e44cbee664ea897f675b5dcd0d1d76a1f673de860cd8d3273c1eaf68a56e3","name":"RS \"St. Elisabeth\" (aplicares)","prefix":"57926143","principal":"k_2353745660200dbc","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility","sealed":"gAAAAABrBpctCqKQG7Jtmsua70ZRROoKKQItrIWyUuognxPbQfZbxbs9Pem-BAfvH5xyQNeQCKYDs-e0cFWUPTOJ8-hHviiLNhTwwzIMDIQkT_8nlBDR1zgPxRoCdFXbDMj3XH8Zkwt6"}]}', 'bedbd9e69a9710d196edce48bb68b5ab557fad920b6776c7ea523952dcf8a400');
INSERT INTO public.ledger VALUES (16, 'keys', '2026-11-25 08:07:09.25563+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"channel":"siranap_v1","created_at":"2026-11-25T08:07:09.255630+00:00","created_by":"operator","digest":"a9db2dc2280f21a8b1d1e560f510223381c6fd08e81c40856de55568a41e70b1","name":"RS \"St. Elisabeth\" (siranap_v1)","prefix":"28005f96c22e","principal":"k_fde9ea7d351bfc5f","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility"}]}', '70f960cf590f56c7a1f0f4cebed6db08434ee84dfeebc3bf1e144892f2887d04');
INSERT INTO public.ledger VALUES (17, 'report', '2026-11-25 08:07:09.301331+00', 'k_af220603101e0113', 'rs-3374021', 'sirs', '7129b916-201f-4d2d-8f46-bc97742147ec', '2026-11-25 08:07:09.301331+00', 'a833d77d81eefd360e47a7a3ad1a1ee7762406e9447ab366a7a8bdc902ab8c7c', 'applied', NULL, '{"channel":"sirs","complete":false,"facility_id":"rs-3374021","lines":[{"bed_type":"icu_no_ventilator","beds_blocked":0,"beds_occupied":3,"beds_total":5,"details":"{\"id_tt\":\"6\",\"jumlah\":5,\"jumlah_ruang\":1,\"ruang\":\"ICU Lantai 2\",\"terpakai\":3}","ward_code":"900000001","ward_name":"ICU Lantai 2"}],"observed_at":"2026-11-25T08:07:09.301331+00:00"}', 'b3b9cd7d0763d02849f9f10a99cee826b912ab27c03dfa9188eaf4b456e6c355');
INSERT INTO public.messages VALUES (1, 'rs-3374010', 'native', '2026-11-25 08:07:06.525048+00', 'POST /v1/facilities/rs-3374010/reports', 'accepted', 201, NULL, NULL, '127.0.0.1', '9b559f69651dd2b6541646de0064bde5', 6);
INSERT INTO public.messages VALUES (2, 'rs-3374010', 'native', '2026-11-25 08:07:06.531135+00', 'POST /v1/facilities/rs-3374010/reports', 'flagged', 201, 'late: a newer figure of this line is known and stands', NULL, '127.0.0.1', 'f976f4c1a75c02a4f75b28a6f4c53fca', 7);
INSERT INTO public.messages VALUES (3, 'rs-3374010', 'native', '2026-11-25 08:07:06.540933+00', 'POST /v1/facilities/rs-3374010/reports', 'accepted', 201, NULL, NULL, '127.0.0.1', '390a93909f4e711d6c971ea6d949db4c', 8);
INSERT INTO public.messages VALUES (4, 'rs-3374021', 'native', '2026-11-25 08:07:06.544017+00', 'POST /v1/facilities/rs-3374021/reports', 'accepted', 201, NULL, NULL, '127.0.0.1', '5d2816cbd77ed08d0b434ec666d14f0b', 9);
INSERT INTO public.messages VALUES (5, 'rs-3374021', 'native', '2026-11-25 08:07:06.548904+00', 'POST /v1/facilities/rs-3374021/reports', 'accepted', 201, NULL, NULL, '127.0.0.1', '5fcf398bd3be0c821a6b2404f2d29ec9', 10);
INSERT INTO public.messages VALUES (6, 'pkm-1', 'native', '2026-11-25 08:07:06.556884+00', 'POST /v1/facilities/pkm-1/reports', 'accepted', 201, NULL, NULL, '127.0.0.1', 'efee49220bdb66362ac5a36cb548a355', 11);
INSERT INTO public.messages VALUES (7, 'rs-3374021', 'sirs', '2026-11-25 08:07:09.308254+00', 'PUT /fo/index.php/Fasyankes', 'accepted', 200, NULL, 0, '127.0.0.1', '42d1780653fd56e6d136289f691ac5b6', 17);
INSERT INTO public.messages VALUES (8, 'rs-3374021', 'sirs', '2026-11-25 08:07:09.317111+00', 'PUT /fo/index.php/Fasyankes', 'refused', 200, 'id_t_tt 999 tidak ditemukan; laporan disimpan untuk dipetakan petugas', 0, '127.0.0.1', '9df84771f7af5ef146d33c29133500e7', NULL);
INSERT INTO public.waiting_rows VALUES ('rs-3374021', 'sirs', '999', '{"counts":{"jumlah":5,"terpakai":3},"covid":null,"ruang":null}', '2026-11-25 08:07:09.311019+00', 1);
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
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT pk_messages PRIMARY KEY (id);
ALTER TABLE ONLY public.rejected_requests
    ADD CONSTRAINT pk_rejected_requests PRIMARY KEY (facility_id, hour, address);
ALTER TABLE ONLY public.relay_accounts
    ADD CONSTRAINT pk_relay_accounts PRIMARY KEY (facility_id, channel);
ALTER TABLE ONLY public.relay_leases
    ADD CONSTRAINT pk_relay_leases PRIMARY KEY (name);
ALTER TABLE ONLY public.relay_queue
    ADD CONSTRAINT pk_relay_queue PRIMARY KEY (id);
ALTER TABLE ONLY public.waiting_rows
    ADD CONSTRAINT pk_waiting_rows PRIMARY KEY (facility_id, channel, row_id);
ALTER TABLE ONLY public.identifiers
    ADD CONSTRAINT uq_identifiers_facility_id_system UNIQUE (facility_id, system);
ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT uq_ledger_by_report_id UNIQUE (by, report_id);
CREATE INDEX ix_areas_parent ON public.areas USING btree (parent);
CREATE INDEX ix_credentials_principal ON public.credentials USING btree (principal);
CREATE INDEX ix_facilities_area_code ON public.facilities USING btree (area_code);
CREATE INDEX ix_ledger_facility_id_observed_at ON public.ledger USING btree (facility_id, observed_at);
CREATE INDEX ix_ledger_facility_id_seq ON public.ledger USING btree (facility_id, seq);
CREATE INDEX ix_messages_facility_id_id ON public.messages USING btree (facility_id, id);
CREATE INDEX ix_relay_queue_facility_id_channel_row_id ON public.relay_queue USING btree (facility_id, channel, "row", id);
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
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT fk_messages_facility_id FOREIGN KEY (facility_id) REFERENCES public.facilities(facility_id);
ALTER TABLE ONLY public.rejected_requests
    ADD CONSTRAINT fk_rejected_requests_facility_id FOREIGN KEY (facility_id) REFERENCES public.facilities(facility_id);
ALTER TABLE ONLY public.relay_accounts
    ADD CONSTRAINT fk_relay_accounts_facility_id FOREIGN KEY (facility_id) REFERENCES public.facilities(facility_id);
ALTER TABLE ONLY public.relay_queue
    ADD CONSTRAINT fk_relay_queue_facility_id FOREIGN KEY (facility_id) REFERENCES public.facilities(facility_id);
ALTER TABLE ONLY public.waiting_rows
    ADD CONSTRAINT fk_waiting_rows_facility_id FOREIGN KEY (facility_id) REFERENCES public.facilities(facility_id);
