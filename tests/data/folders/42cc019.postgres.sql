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
INSERT INTO public.alembic_version VALUES ('c41f0a6be2d7');
INSERT INTO public.areas VALUES ('ID', 'Indonesia', 'country', 'country', NULL, 0, NULL, NULL);
INSERT INTO public.areas VALUES ('33', 'Jawa Tengah', 'province', 'provinsi', 'ID', 1, NULL, NULL);
INSERT INTO public.areas VALUES ('33.74', 'Kota Semarang', 'city', 'kota', '33', 2, NULL, NULL);
INSERT INTO public.areas VALUES ('33.74.07', 'Semarang Selatan', 'kecamatan', 'kecamatan', '33.74', 3, NULL, NULL);
INSERT INTO public.channels VALUES ('rs-3374010', 'native', '2026-11-25 07:58:39+00', 8, '2026-11-25 08:06:39.894543+00', NULL, NULL, '[["","icu",null,"2026-11-25T07:57:39+00:00",6,"2026-11-25T08:06:39.857615+00:00",[12,9,0,3,null,null,2,null,null,null,null,"derived"]],["A","hcu",null,"2026-11-25T07:58:39+00:00",8,"2026-11-25T08:06:39.894543+00:00",[6,5,0,1,null,null,null,null,null,null,null,"reported"]]]');
INSERT INTO public.channels VALUES ('rs-3374021', 'native', '2026-11-25 08:01:39+00', 10, '2026-11-25 08:06:39.908683+00', '2026-11-25 07:59:39+00', 9, '[["","ward_1",null,"2026-11-25T07:59:39+00:00",9,"2026-11-25T08:06:39.902275+00:00",[40,31,0,9,null,null,null,null,null,null,null,"derived"]],["","burn",null,"2026-11-25T08:01:39+00:00",10,"2026-11-25T08:06:39.908683+00:00",null]]');
INSERT INTO public.channels VALUES ('pkm-1', 'native', '2026-11-25 08:00:39+00', 11, '2026-11-25 08:06:39.917933+00', NULL, NULL, '[["","isolation_bed",null,"2026-11-25T08:00:39+00:00",11,"2026-11-25T08:06:39.917933+00:00",[8,0,0,8,null,null,null,null,null,null,null,"derived"]]]');
INSERT INTO public.channels VALUES ('rs-3374021', 'sirs', '2026-11-25 08:06:42.456651+00', 17, '2026-11-25 08:06:42.456651+00', NULL, NULL, '[["900000001","icu_no_ventilator","ICU Lantai 2","2026-11-25T08:06:42.456651+00:00",17,"2026-11-25T08:06:42.456651+00:00",[5,3,0,2,null,null,null,null,null,null,null,"derived"],"{\"id_tt\":\"6\",\"jumlah\":5,\"jumlah_ruang\":1,\"ruang\":\"ICU Lantai 2\",\"terpakai\":3}"]]');
INSERT INTO public.credentials VALUES ('3d118c5a4a46', '2eeae238d463a5b7f5db7b1ecc177f7e2225063cd580dca7a4a1f69159fb8c0e', 'k_b5d21bb406e2dfc5', 'command', 'national', NULL, 'Dinkes', '2026-11-25 08:06:35.640039+00', 'operator', NULL, NULL, NULL, NULL);
INSERT INTO public.credentials VALUES ('2ede7f096938', '6db77b4250a9ac369a2d722f5a7793ed0c7afdbb7417311416433313209c4f36', 'k_1e609249809bf5be', 'hospital', 'facility', 'rs-3374010', '', '2026-11-25 08:06:36.951009+00', 'operator', NULL, NULL, NULL, NULL);
INSERT INTO public.credentials VALUES ('a1f6f7f734ed', 'acd54496b6696d18fa09f80297345185db4d6974a96caac92b28de119b33c28f', 'k_f7db9098ba0f485a', 'district', 'area', '33.74', '', '2026-11-25 08:06:38.150624+00', 'operator', NULL, '2026-11-25 08:06:39.950828+00', NULL, NULL);
INSERT INTO public.credentials VALUES ('8587103a609f', '54e6d9eab6cbbb68390a63f8e19a71644e3924e8a6f4a0c5bcc30c992b193368', 'k_85481c61e1c55674', 'hospital', 'facility', 'rs-3374021', 'RS "St. Elisabeth" (sirs)', '2026-11-25 08:06:42.400197+00', 'operator', NULL, NULL, 'sirs', NULL);
INSERT INTO public.credentials VALUES ('71454334', 'b02749dc386eba82d7dd65821fbe64c9f69d5108ed8ae23fb0efbc595f295c34', 'k_cb8244f1cfe056de', 'hospital', 'facility', 'rs-3374021', 'RS "St. Elisabeth" (aplicares)', '2026-11-25 08:06:42.415756+00', 'operator', NULL, NULL, 'aplicares', 'gAAAAABrBpcSiZzbPxji3MrHl4bDlDs43yavFjFzkv8eqy4kfiz1DPNAfRsA_g9Vc_Ana-Q4f9eQ4hAJ2Zcvqm0BY0OH4unCN8f6tzRn9kFOWNcOCdFSYQeyMkyXkz5_eOgQtLyVoQ-Y');
INSERT INTO public.credentials VALUES ('7b72d4475ff3', '9b0c699f42ffb6174ea0caf99673c7e41a896d053d11170c9258b06e047bb5a1', 'k_b112b714c9bd3c8d', 'hospital', 'facility', 'rs-3374021', 'RS "St. Elisabeth" (siranap_v1)', '2026-11-25 08:06:42.419718+00', 'operator', NULL, NULL, 'siranap_v1', NULL);
INSERT INTO public.facilities VALUES ('rs-3374010', 'hospital', 'RS Umum Pusat Dr. Kariadi', '33.74.07', 'country', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2, NULL);
INSERT INTO public.facilities VALUES ('rs-3374021', 'hospital', 'RS "St. Elisabeth"', '33.74', 'private', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2, NULL);
INSERT INTO public.facilities VALUES ('pkm-1', 'clinic', 'Puskesmas Pandanaran', '33.74.07', 'city', NULL, NULL, '024 123', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 12, NULL);
INSERT INTO public.identifiers VALUES ('sirs', '3374010', 'rs-3374010');
INSERT INTO public.identifiers VALUES ('sirs', '3374021', 'rs-3374021');
INSERT INTO public.identifiers VALUES ('bpjs', '1199R021', 'rs-3374021');
INSERT INTO public.ledger VALUES (1, 'areas', '2026-11-25 08:06:32.454047+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"areas":[{"code":"ID","level":"country","name":"Indonesia","type":"country"},{"code":"33","level":"province","name":"Jawa Tengah","parent":"ID","type":"provinsi"},{"code":"33.74","level":"city","name":"Kota Semarang","parent":"33","type":"kota"},{"code":"33.74.07","level":"kecamatan","name":"Semarang Selatan","parent":"33.74","type":"kecamatan"}]}', '628924660b0158c4935ffd69bfda26ab232bfb29b88688d65337e57bace90a1a');
INSERT INTO public.ledger VALUES (2, 'facilities', '2026-11-25 08:06:34.65384+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"effective_at":"2026-11-25T08:06:34.653840+00:00","facilities":[{"area_code":"33.74.07","facility_id":"rs-3374010","identifiers":{"sirs":"3374010"},"kind":"hospital","name":"RS Umum Pusat Dr. Kariadi","operated_by":"country"},{"area_code":"33.74","facility_id":"rs-3374021","identifiers":{"bpjs":"1199R021","sirs":"3374021"},"kind":"hospital","name":"RS \"St. Elisabeth\"","operated_by":"private"},{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city"}],"reason":"registered"}', '3574415731c6d62af46cfc0ba5be38587491ed18a61ff621745b9594289449e1');
INSERT INTO public.ledger VALUES (3, 'keys', '2026-11-25 08:06:35.640039+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-25T08:06:35.640039+00:00","created_by":"operator","digest":"2eeae238d463a5b7f5db7b1ecc177f7e2225063cd580dca7a4a1f69159fb8c0e","name":"Dinkes","prefix":"3d118c5a4a46","principal":"k_b5d21bb406e2dfc5","role":"command","scope_kind":"national"}]}', 'd8c026dda6ba1d24f6aa23174b5157252f8bea1f435c30337e3573b1b8c75822');
INSERT INTO public.ledger VALUES (4, 'keys', '2026-11-25 08:06:36.951009+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-25T08:06:36.951009+00:00","created_by":"operator","digest":"6db77b4250a9ac369a2d722f5a7793ed0c7afdbb7417311416433313209c4f36","name":"","prefix":"2ede7f096938","principal":"k_1e609249809bf5be","role":"hospital","scope_id":"rs-3374010","scope_kind":"facility"}]}', '7cd1b0e5c4d2d0a983175d7a85fe2a01f37f43281ac8a6a0199ddf98eda6bbf3');
INSERT INTO public.ledger VALUES (5, 'keys', '2026-11-25 08:06:38.150624+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-25T08:06:38.150624+00:00","created_by":"operator","digest":"acd54496b6696d18fa09f80297345185db4d6974a96caac92b28de119b33c28f","name":"","prefix":"a1f6f7f734ed","principal":"k_f7db9098ba0f485a","role":"district","scope_id":"33.74","scope_kind":"area"}]}', '9709534ae5ff8697585613aeeb93b5ae8da86cb3d1d16dd92680908437868b37');
INSERT INTO public.ledger VALUES (6, 'report', '2026-11-25 08:06:39.857615+00', 'k_b5d21bb406e2dfc5', 'rs-3374010', 'native', '53197688-f723-40e7-944d-9b92ae2fb8d6', '2026-11-25 07:57:39+00', 'fb2ac9306c31028aa889fade35229c9482df19301a40fa4288f55544aadc8785', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":9,"beds_total":12,"queue":2,"ward_code":""}],"observed_at":"2026-11-25T07:57:39+00:00"}', '2159fb28a5329b9464f08dcad4a0b3a00fd009f24eff216af4a59791e6cf0cc1');
INSERT INTO public.ledger VALUES (7, 'report', '2026-11-25 08:06:39.883911+00', 'k_b5d21bb406e2dfc5', 'rs-3374010', 'native', 'dc6031de-d9ba-4c7e-bfef-a1704438c257', '2026-11-25 07:46:39+00', 'fc10953d7b75d4b34041accce8b83dc7a07f44f6102afb127be418f0a271dae2', 'late', '[["late",0,"a newer figure of this line is known and stands"]]', '{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":1,"beds_total":11,"ward_code":""}],"observed_at":"2026-11-25T07:46:39+00:00"}', '1a3d3ccaa959ebd5afd955d4d57d1234d9d1f2fb47ddb60b7b69ce05f8707eee');
INSERT INTO public.ledger VALUES (8, 'report', '2026-11-25 08:06:39.894543+00', 'k_b5d21bb406e2dfc5', 'rs-3374010', 'native', '963d3f7d-4abe-4c7f-ac94-c42ee28c633d', '2026-11-25 07:58:39+00', '6b423cf9717208ed5f9c77446ee16554c5bf46f203d7bee23d75b33f52991658', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"hcu","beds_available":1,"beds_blocked":0,"beds_total":6,"ward_code":"A"}],"observed_at":"2026-11-25T07:58:39+00:00"}', 'fe639d718f3d59ba636b84dd6e5b5d69404b49183fb75fe2891a14c271ab0f6b');
INSERT INTO public.ledger VALUES (9, 'report', '2026-11-25 08:06:39.902275+00', 'k_b5d21bb406e2dfc5', 'rs-3374021', 'native', 'b838df53-0442-445e-9694-0b7117518887', '2026-11-25 07:59:39+00', '7c41ca58391d7cd510c82c2f60f101bf0807ccb671d4a182f6b7b24aaf29b6ec', 'applied', NULL, '{"channel":"native","complete":true,"facility_id":"rs-3374021","lines":[{"bed_type":"ward_1","beds_blocked":0,"beds_occupied":31,"beds_total":40,"ward_code":""}],"observed_at":"2026-11-25T07:59:39+00:00"}', '71e24b73d9cdf659d2f3e5e6580fe650e34d55ee910a4c27155a60698f4c4422');
INSERT INTO public.ledger VALUES (10, 'report', '2026-11-25 08:06:39.908683+00', 'k_b5d21bb406e2dfc5', 'rs-3374021', 'native', '0db0d4d4-93b2-4256-b02d-3194f521eac5', '2026-11-25 08:01:39+00', '0322b43205200350b343293a13543b5049f2bf49a610d6fe91f7f9fcc4ca3e56', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"rs-3374021","lines":[{"bed_type":"burn","closed":true,"ward_code":""}],"observed_at":"2026-11-25T08:01:39+00:00"}', 'cef6e8de2a2d23816d8e3cf9eb49605eed7c246a7926c69fd8d483fdfa646083');
INSERT INTO public.ledger VALUES (11, 'report', '2026-11-25 08:06:39.917933+00', 'k_b5d21bb406e2dfc5', 'pkm-1', 'native', 'db95cf64-a906-4bf3-8921-d5142c897337', '2026-11-25 08:00:39+00', '34d73e6753ee8650f44fbbd5a76eb0c856be91ad72f71f0c11492a752d712927', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"pkm-1","lines":[{"bed_type":"isolation_bed","beds_blocked":0,"beds_occupied":0,"beds_total":8,"ward_code":""}],"observed_at":"2026-11-25T08:00:39+00:00"}', '2e59a56354e840d39bac50b70cae22b220981dbcc481a3418c13bbdea3d9d89d');
INSERT INTO public.ledger VALUES (12, 'facilities', '2026-11-25 08:06:39.926528+00', 'k_b5d21bb406e2dfc5', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"effective_at":"2026-11-25T08:06:39.926528+00:00","facilities":[{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city","phone":"024 123"}],"reason":"new telephone"}', '4e999b3ec3b1da1b5481a08de596b5f8e8ea869a2eecd3953918f12455a41690');
INSERT INTO public.ledger VALUES (13, 'keys', '2026-11-25 08:06:39.950828+00', 'k_b5d21bb406e2dfc5', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-25T08:06:38.150624+00:00","created_by":"operator","digest":"acd54496b6696d18fa09f80297345185db4d6974a96caac92b28de119b33c28f","name":"","prefix":"a1f6f7f734ed","principal":"k_f7db9098ba0f485a","revoked_at":"2026-11-25T08:06:39.950828+00:00","role":"district","scope_id":"33.74","scope_kind":"area"}]}', '4a77f89d2c017c5966b6040ca7d6dbce2d61bdc1108f5f10dc1aaf1573a983ba');
INSERT INTO public.ledger VALUES (14, 'keys', '2026-11-25 08:06:42.400197+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"channel":"sirs","created_at":"2026-11-25T08:06:42.400197+00:00","created_by":"operator","digest":"54e6d9eab6cbbb68390a63f8e19a71644e3924e8a6f4a0c5bcc30c992b193368","name":"RS \"St. Elisabeth\" (sirs)","prefix":"8587103a609f","principal":"k_85481c61e1c55674","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility"}]}', '3c5382ed24e21a1441aa00990c6bee5ff499990c877558cacb2e6ee166218cc8');
INSERT INTO public.ledger VALUES (15, 'keys', '2026-11-25 08:06:42.415756+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"channel":"aplicares","created_at":"2026-11-25T08:06:42.415756+00:00","created_by":"operator","digest":"b02749dc386eba82d7dd65821fbe64c9f69d5108ed8ae23fb0efbc595f295c34","name":"RS \"St. Elisabeth\" (aplicares)","prefix":"71454334","principal":"k_cb8244f1cfe056de","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility","sealed":"gAAAAABrBpcSiZzbPxji3MrHl4bDlDs43yavFjFzkv8eqy4kfiz1DPNAfRsA_g9Vc_Ana-Q4f9eQ4hAJ2Zcvqm0BY0OH4unCN8f6tzRn9kFOWNcOCdFSYQeyMkyXkz5_eOgQtLyVoQ-Y"}]}', '54aa2e2fc1b76a8d592544531d68e5bb7d90360080ddf169ca36ef3b7ed0d410');
INSERT INTO public.ledger VALUES (16, 'keys', '2026-11-25 08:06:42.419718+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"channel":"siranap_v1","created_at":"2026-11-25T08:06:42.419718+00:00","created_by":"operator","digest":"9b0c699f42ffb6174ea0caf99673c7e41a896d053d11170c9258b06e047bb5a1","name":"RS \"St. Elisabeth\" (siranap_v1)","prefix":"7b72d4475ff3","principal":"k_b112b714c9bd3c8d","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility"}]}', '3baa011dd09838104f14857dec997db3ca6d02796b8371e6ce64a52ce7472d30');
INSERT INTO public.ledger VALUES (17, 'report', '2026-11-25 08:06:42.456651+00', 'k_85481c61e1c55674', 'rs-3374021', 'sirs', 'e0a7a811-7e27-45dc-80df-f727e9a47c81', '2026-11-25 08:06:42.456651+00', 'b2f29bcc0b84103cd386950f07cb66c93e1ab1531209a14871b5e2ead9cdc1cc', 'applied', NULL, '{"channel":"sirs","complete":false,"facility_id":"rs-3374021","lines":[{"bed_type":"icu_no_ventilator","beds_blocked":0,"beds_occupied":3,"beds_total":5,"details":"{\"id_tt\":\"6\",\"jumlah\":5,\"jumlah_ruang\":1,\"ruang\":\"ICU Lantai 2\",\"terpakai\":3}","ward_code":"900000001","ward_name":"ICU Lantai 2"}],"observed_at":"2026-11-25T08:06:42.456651+00:00"}', '82bddff1adc96feba48fe0b2eba45d5fbda91c480d6428fc634c21df21fcca98');
INSERT INTO public.messages VALUES (1, 'rs-3374010', 'native', '2026-11-25 08:06:39.877025+00', 'POST /v1/facilities/rs-3374010/reports', 'accepted', 201, NULL, NULL, '127.0.0.1', '9d2e621338b3674e29807e1c11ba24b8', 6);
INSERT INTO public.messages VALUES (2, 'rs-3374010', 'native', '2026-11-25 08:06:39.892903+00', 'POST /v1/facilities/rs-3374010/reports', 'flagged', 201, 'late: a newer figure of this line is known and stands', NULL, '127.0.0.1', '490db25b721b2d0dc849750ea2a0aefe', 7);
INSERT INTO public.messages VALUES (3, 'rs-3374010', 'native', '2026-11-25 08:06:39.900926+00', 'POST /v1/facilities/rs-3374010/reports', 'accepted', 201, NULL, NULL, '127.0.0.1', '6307fcef718e3062b6c418fac0ce54e5', 8);
INSERT INTO public.messages VALUES (4, 'rs-3374021', 'native', '2026-11-25 08:06:39.90743+00', 'POST /v1/facilities/rs-3374021/reports', 'accepted', 201, NULL, NULL, '127.0.0.1', '87a2c8b5aaf19af97ce67a21347c32fc', 9);
INSERT INTO public.messages VALUES (5, 'rs-3374021', 'native', '2026-11-25 08:06:39.916901+00', 'POST /v1/facilities/rs-3374021/reports', 'accepted', 201, NULL, NULL, '127.0.0.1', '745ae8f3d0f248d70d92e0f39c9c2e7e', 10);
INSERT INTO public.messages VALUES (6, 'pkm-1', 'native', '2026-11-25 08:06:39.920868+00', 'POST /v1/facilities/pkm-1/reports', 'accepted', 201, NULL, NULL, '127.0.0.1', '277b6d0fa8a3496e7caa1ee30b61135a', 11);
INSERT INTO public.messages VALUES (7, 'rs-3374021', 'sirs', '2026-11-25 08:06:42.460209+00', 'PUT /fo/index.php/Fasyankes', 'accepted', 200, NULL, 0, '127.0.0.1', 'abb01469de4d17e5d49578e6a76754af', 17);
INSERT INTO public.messages VALUES (8, 'rs-3374021', 'sirs', '2026-11-25 08:06:42.475289+00', 'PUT /fo/index.php/Fasyankes', 'refused', 200, 'id_t_tt 999 tidak ditemukan; laporan disimpan untuk dipetakan petugas', 0, '127.0.0.1', '5a9d05cec0704ac6dc65b2f9128fa5f1', NULL);
INSERT INTO public.waiting_rows VALUES ('rs-3374021', 'sirs', '999', '{"counts":{"jumlah":5,"terpakai":3},"covid":null,"ruang":null}', '2026-11-25 08:06:42.465779+00', 1);
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
ALTER TABLE ONLY public.relay_accounts
    ADD CONSTRAINT fk_relay_accounts_facility_id FOREIGN KEY (facility_id) REFERENCES public.facilities(facility_id);
ALTER TABLE ONLY public.relay_queue
    ADD CONSTRAINT fk_relay_queue_facility_id FOREIGN KEY (facility_id) REFERENCES public.facilities(facility_id);
ALTER TABLE ONLY public.waiting_rows
    ADD CONSTRAINT fk_waiting_rows_facility_id FOREIGN KEY (facility_id) REFERENCES public.facilities(facility_id);
