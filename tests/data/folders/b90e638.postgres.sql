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
    more text,
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
    implausible text,
    counting_since timestamp with time zone,
    counting_reason text,
    recorded_at timestamp with time zone,
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
    clock_hours integer DEFAULT 0 NOT NULL,
    more text,
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
    more text,
    lapsed_after_seconds integer,
    line_bounds text,
    planned text,
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
    CONSTRAINT ck_ledger_outcome CHECK (((outcome IS NULL) OR (outcome = ANY (ARRAY['applied'::text, 'late'::text, 'void'::text, 'correction'::text])))),
    CONSTRAINT ck_ledger_report CHECK (((kind = 'report'::text) = ((report_id IS NOT NULL) AND (facility_id IS NOT NULL) AND (channel IS NOT NULL) AND (observed_at IS NOT NULL) AND (outcome IS NOT NULL) AND (digest IS NOT NULL)))),
    CONSTRAINT ck_ledger_seq CHECK ((seq > 0))
);
CREATE TABLE public.ledger_format (
    id integer NOT NULL,
    writer_version integer NOT NULL,
    CONSTRAINT ck_ledger_format_id CHECK ((id = 1))
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
CREATE TABLE public.rebuilds (
    number bigint NOT NULL,
    "position" bigint NOT NULL,
    rebuilt_at timestamp with time zone NOT NULL
);
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
CREATE TABLE public.secret_keys (
    fingerprint text NOT NULL,
    number bigint NOT NULL
);
CREATE TABLE public.signed_times (
    prefix text NOT NULL,
    signed_at bigint NOT NULL
);
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
INSERT INTO public.alembic_version VALUES ('a1c4e7f20b31');
INSERT INTO public.areas VALUES ('ID', 'Indonesia', 'country', 'country', NULL, 0, NULL, NULL, NULL);
INSERT INTO public.areas VALUES ('33', 'Jawa Tengah', 'province', 'provinsi', 'ID', 1, NULL, NULL, NULL);
INSERT INTO public.areas VALUES ('33.74', 'Kota Semarang', 'city', 'kota', '33', 2, NULL, NULL, NULL);
INSERT INTO public.areas VALUES ('33.74.07', 'Semarang Selatan', 'kecamatan', 'kecamatan', '33.74', 3, NULL, NULL, NULL);
INSERT INTO public.channels VALUES ('rs-3374010', 'native', '2026-11-30 23:36:43+00', 8, '2026-11-30 23:44:43.262973+00', NULL, NULL, '[["","icu",null,"2026-11-30T23:35:43+00:00",6,"2026-11-30T23:44:43.236398+00:00",[12,9,0,3,null,null,2,null,null,null,null,"derived"]],["A","hcu",null,"2026-11-30T23:36:43+00:00",8,"2026-11-30T23:44:43.262973+00:00",[6,5,0,1,null,null,null,null,null,null,null,"reported"]]]', NULL, '2026-11-30 23:44:43.236398+00', 'only', '2026-11-30 23:44:43.262973+00');
INSERT INTO public.channels VALUES ('rs-3374021', 'native', '2026-11-30 23:39:43+00', 10, '2026-11-30 23:44:43.27314+00', '2026-11-30 23:37:43+00', 9, '[["","ward_1",null,"2026-11-30T23:37:43+00:00",9,"2026-11-30T23:44:43.268380+00:00",[40,31,0,9,null,null,null,null,null,null,null,"derived"]],["","burn",null,"2026-11-30T23:39:43+00:00",10,"2026-11-30T23:44:43.273140+00:00",null]]', NULL, '2026-11-30 23:44:43.26838+00', 'only', '2026-11-30 23:44:43.27314+00');
INSERT INTO public.channels VALUES ('pkm-1', 'native', '2026-11-30 23:38:43+00', 11, '2026-11-30 23:44:43.278018+00', NULL, NULL, '[["","isolation_bed",null,"2026-11-30T23:38:43+00:00",11,"2026-11-30T23:44:43.278018+00:00",[8,0,0,8,null,null,null,null,null,null,null,"derived"]]]', NULL, '2026-11-30 23:44:43.278018+00', 'only', '2026-11-30 23:44:43.278018+00');
INSERT INTO public.channels VALUES ('rs-3374021', 'sirs', '2026-11-30 23:44:46.470219+00', 17, '2026-11-30 23:44:46.470219+00', NULL, NULL, '[["900000001","icu_no_ventilator","ICU Lantai 2","2026-11-30T23:44:46.470219+00:00",17,"2026-11-30T23:44:46.470219+00:00",[5,3,0,2,null,null,null,null,null,null,null,"derived"],"{\"id_tt\":\"6\",\"jumlah\":5,\"jumlah_ruang\":1,\"ruang\":\"ICU Lantai 2\",\"terpakai\":3}"]]', NULL, NULL, NULL, '2026-11-30 23:44:46.470219+00');
INSERT INTO public.credentials VALUES ('4adaada4456b', 'b15a90047b03ee4f319bc549088545a7d8e2e1a6d6a7ae090bbb21039e87e16b', 'k_84d3fd57a96e52c8', 'command', 'national', NULL, 'Dinkes', '2026-11-30 23:44:38.343164+00', 'operator', NULL, NULL, NULL, NULL, 3, 0, NULL);
INSERT INTO public.credentials VALUES ('199ef7276787', '8b9b452f7019695fd3dcfea91409877a90ac716603e9cf4e47ce3f8905c9e364', 'k_4405348befbb2ca4', 'hospital', 'facility', 'rs-3374010', '', '2026-11-30 23:44:39.825447+00', 'operator', NULL, NULL, NULL, NULL, 4, 0, NULL);
INSERT INTO public.credentials VALUES ('263bea5b7aaf', 'e28e2ba80129bacbc94bcc7a5a9910e541f1ab73fa68075ab58ac5bfb7a244e7', 'k_aca497ea8e60cdd1', 'district', 'area', '33.74', '', '2026-11-30 23:44:41.449738+00', 'operator', NULL, '2026-11-30 23:44:43.302214+00', NULL, NULL, 5, 0, NULL);
INSERT INTO public.credentials VALUES ('3abd3298f2a9', 'a591ace9aa51ae0f5a66ed91c64b50fa85050474d68d03325c30786e8d9072bf', 'k_dec2ee83ae787cde', 'hospital', 'facility', 'rs-3374021', 'RS "St. Elisabeth" (sirs)', '2026-11-30 23:44:46.415899+00', 'operator', NULL, NULL, 'sirs', NULL, 14, 0, NULL);
INSERT INTO public.credentials VALUES ('58947813', '4ad1ea614ba64fe209094d9c35f51a2bb7179399010ec683077cde4c57e26ac7', 'k_db5bb9872a4b2913', 'hospital', 'facility', 'rs-3374021', 'RS "St. Elisabeth" (aplicares)', '2026-11-30 23:44:46.415899+00', 'operator', NULL, NULL, 'aplicares', 'gAAAAABrDgpujFjkz0ZyAFIZf2XqmJ75g_HSdznf0KVRT3Ep2NjnpN0BZanKLLdK51w_o4XbNPAVoUtNlOMGjtPWHena_UvrBxNFKHAonuHGF734QX8XUGxG8DnchVsMB4X492G27JR4', 15, 0, NULL);
INSERT INTO public.credentials VALUES ('d09edb25eee1', '8e9b4c9340f76f5b04a85c195e903436274a5ed683075b753ff06d3c88854a70', 'k_91a8b94bcd3d6aa3', 'hospital', 'facility', 'rs-3374021', 'RS "St. Elisabeth" (siranap_v1)', '2026-11-30 23:44:46.415899+00', 'operator', NULL, NULL, 'siranap_v1', NULL, 16, 0, NULL);
INSERT INTO public.facilities VALUES ('rs-3374010', 'hospital', 'RS Umum Pusat Dr. Kariadi', '33.74.07', 'country', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.facilities VALUES ('rs-3374021', 'hospital', 'RS "St. Elisabeth"', '33.74', 'private', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.facilities VALUES ('pkm-1', 'clinic', 'Puskesmas Pandanaran', '33.74.07', 'city', NULL, NULL, '024 123', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 12, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.identifiers VALUES ('sirs', '3374010', 'rs-3374010');
INSERT INTO public.identifiers VALUES ('sirs', '3374021', 'rs-3374021');
INSERT INTO public.identifiers VALUES ('bpjs', '1199R021', 'rs-3374021');
INSERT INTO public.ledger VALUES (1, 'areas', '2026-11-30 23:44:33.357974+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"areas":[{"code":"ID","level":"country","name":"Indonesia","type":"country"},{"code":"33","level":"province","name":"Jawa Tengah","parent":"ID","type":"provinsi"},{"code":"33.74","level":"city","name":"Kota Semarang","parent":"33","type":"kota"},{"code":"33.74.07","level":"kecamatan","name":"Semarang Selatan","parent":"33.74","type":"kecamatan"}]}', 'f40ac04d7f0c95253f46af2865dcd45d1202429fed68dadee5d4eb14119de79d');
INSERT INTO public.ledger VALUES (2, 'facilities', '2026-11-30 23:44:36.806936+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"effective_at":"2026-11-30T23:44:36.806936+00:00","facilities":[{"area_code":"33.74.07","facility_id":"rs-3374010","identifiers":{"sirs":"3374010"},"kind":"hospital","name":"RS Umum Pusat Dr. Kariadi","operated_by":"country"},{"area_code":"33.74","facility_id":"rs-3374021","identifiers":{"bpjs":"1199R021","sirs":"3374021"},"kind":"hospital","name":"RS \"St. Elisabeth\"","operated_by":"private"},{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city"}],"reason":"registered"}', 'b550e9eda57327644d209a23416de33fd148306864be5b605f18da958247585c');
INSERT INTO public.ledger VALUES (3, 'keys', '2026-11-30 23:44:38.343164+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-30T23:44:38.343164+00:00","created_by":"operator","digest":"b15a90047b03ee4f319bc549088545a7d8e2e1a6d6a7ae090bbb21039e87e16b","name":"Dinkes","prefix":"4adaada4456b","principal":"k_84d3fd57a96e52c8","role":"command","scope_kind":"national"}]}', '54f311c2fc2e4e11d83e3d1adf06a73ed72c573b151d36bc4a02c2d69c6075f2');
INSERT INTO public.ledger VALUES (4, 'keys', '2026-11-30 23:44:39.825447+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-30T23:44:39.825447+00:00","created_by":"operator","digest":"8b9b452f7019695fd3dcfea91409877a90ac716603e9cf4e47ce3f8905c9e364","name":"","prefix":"199ef7276787","principal":"k_4405348befbb2ca4","role":"hospital","scope_id":"rs-3374010","scope_kind":"facility"}]}', 'bdae5e648c90ffec4a18208a44fd4415d28ff5e7e045eb1b181acc6569655af7');
INSERT INTO public.ledger VALUES (5, 'keys', '2026-11-30 23:44:41.449738+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-30T23:44:41.449738+00:00","created_by":"operator","digest":"e28e2ba80129bacbc94bcc7a5a9910e541f1ab73fa68075ab58ac5bfb7a244e7","name":"","prefix":"263bea5b7aaf","principal":"k_aca497ea8e60cdd1","role":"district","scope_id":"33.74","scope_kind":"area"}]}', 'dfb2454dbd6741a77ac365e69664ed9e1cc683e37d6264afafc9466d0fc22105');
INSERT INTO public.ledger VALUES (6, 'report', '2026-11-30 23:44:43.236398+00', 'k_84d3fd57a96e52c8', 'rs-3374010', 'native', '0aed608f-b2dd-49fc-b803-453449ae5539', '2026-11-30 23:35:43+00', '6fb6200d5bea038cc1461763a259f5ed2ff117bd32bdc0079b14f3080871b5e4', 'applied', '[["free_beside_queue",0,"3 beds available while 2 patients wait"]]', '{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":9,"beds_total":12,"queue":2,"ward_code":""}],"observed_at":"2026-11-30T23:35:43+00:00"}', '15c313d83eb547fb53b3152671c5c1034dc4cfcd25fbbce7c374baf116ae1cc2');
INSERT INTO public.ledger VALUES (7, 'report', '2026-11-30 23:44:43.257537+00', 'k_84d3fd57a96e52c8', 'rs-3374010', 'native', '38cbeb91-7fbe-4c41-b304-0369aa437c03', '2026-11-30 23:24:43+00', '0234f13e759deb9bc3d6b74041483c9bb793eacbfdee94ffa5b0ecb30e5f63d2', 'late', '[["late",0,"a newer figure for this line is known and is kept"]]', '{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":1,"beds_total":11,"ward_code":""}],"observed_at":"2026-11-30T23:24:43+00:00"}', '0688286a5059ad47025fee62dc7e9cd386b3490ba40c6d863f581bbfd750710a');
INSERT INTO public.ledger VALUES (8, 'report', '2026-11-30 23:44:43.262973+00', 'k_84d3fd57a96e52c8', 'rs-3374010', 'native', '4ebafccf-476b-40a4-a6f4-fb98d1c543d3', '2026-11-30 23:36:43+00', '366beda8aac75939e991d9f2f6a24f74c91d1c1201aeb67eb6b5f808393e655c', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"hcu","beds_available":1,"beds_blocked":0,"beds_total":6,"ward_code":"A"}],"observed_at":"2026-11-30T23:36:43+00:00"}', 'b81b10aa278705cc0179af302daabef30d912f45ad964c55b8dbaa0d1366525e');
INSERT INTO public.ledger VALUES (9, 'report', '2026-11-30 23:44:43.26838+00', 'k_84d3fd57a96e52c8', 'rs-3374021', 'native', '8bc5189c-9702-4011-9148-f5fbf95ded35', '2026-11-30 23:37:43+00', 'b8d51a4d19a37796bcf55e6fcca18af38f4afe617d04ceef5f637589d1558120', 'applied', NULL, '{"channel":"native","complete":true,"facility_id":"rs-3374021","lines":[{"bed_type":"ward_1","beds_blocked":0,"beds_occupied":31,"beds_total":40,"ward_code":""}],"observed_at":"2026-11-30T23:37:43+00:00"}', '88eb05d4f6242697cd3df1d88f5060778e32857ce170fe444c9d9b0d68954694');
INSERT INTO public.ledger VALUES (10, 'report', '2026-11-30 23:44:43.27314+00', 'k_84d3fd57a96e52c8', 'rs-3374021', 'native', '822fb37a-b352-4750-b2d0-e2f2687a5e8e', '2026-11-30 23:39:43+00', '60865ef28815d9f08f47851cee8897317e5bf9f2c43b1a440c1de4da92050508', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"rs-3374021","lines":[{"bed_type":"burn","closed":true,"ward_code":""}],"observed_at":"2026-11-30T23:39:43+00:00"}', 'c3c1ed5a9ef70152584b28b439e7ca1e4ea456349b2fb3b4f86ed0f083f6359b');
INSERT INTO public.ledger VALUES (11, 'report', '2026-11-30 23:44:43.278018+00', 'k_84d3fd57a96e52c8', 'pkm-1', 'native', '0eb8845f-216b-4853-9bee-d58afdcc1395', '2026-11-30 23:38:43+00', '77bbf66abeacbe43cf87b481811b87ddd4cd24d9bf6de87c62e86b3cff0ee68b', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"pkm-1","lines":[{"bed_type":"isolation_bed","beds_blocked":0,"beds_occupied":0,"beds_total":8,"ward_code":""}],"observed_at":"2026-11-30T23:38:43+00:00"}', 'a2b8963312103713f25cad6434a56af4341c43ab593f37a41f7cc271bdf67d23');
INSERT INTO public.ledger VALUES (12, 'facilities', '2026-11-30 23:44:43.289401+00', 'k_84d3fd57a96e52c8', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"effective_at":"2026-11-30T23:44:43.289401+00:00","facilities":[{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city","phone":"024 123"}],"reason":"new telephone"}', 'cc95c98245b4bae6e6e4114cbfb3bc90f182e04d4d4efec79e5db182f2230790');
INSERT INTO public.ledger VALUES (13, 'keys', '2026-11-30 23:44:43.302214+00', 'k_84d3fd57a96e52c8', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-30T23:44:41.449738+00:00","created_by":"operator","digest":"e28e2ba80129bacbc94bcc7a5a9910e541f1ab73fa68075ab58ac5bfb7a244e7","name":"","prefix":"263bea5b7aaf","principal":"k_aca497ea8e60cdd1","revoked_at":"2026-11-30T23:44:43.302214+00:00","role":"district","scope_id":"33.74","scope_kind":"area"}]}', '78b6cc23797264ab9baedb4c6f420c9f56fdfa9767f6d25feef5902dece7ed5b');
INSERT INTO public.ledger VALUES (14, 'keys', '2026-11-30 23:44:46.415899+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"channel":"sirs","created_at":"2026-11-30T23:44:46.415899+00:00","created_by":"operator","digest":"a591ace9aa51ae0f5a66ed91c64b50fa85050474d68d03325c30786e8d9072bf","name":"RS \"St. Elisabeth\" (sirs)","prefix":"3abd3298f2a9","principal":"k_dec2ee83ae787cde","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility"}]}', 'd7c003aa3b22825b5591a36f4176497e66368908cb34fcaa9682ddc78b813810');
INSERT INTO public.ledger VALUES (15, 'keys', '2026-11-30 23:44:46.415899+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"channel":"aplicares","created_at":"2026-11-30T23:44:46.415899+00:00","created_by":"operator","digest":"4ad1ea614ba64fe209094d9c35f51a2bb7179399010ec683077cde4c57e26ac7","name":"RS \"St. Elisabeth\" (aplicares)","prefix":"58947813","principal":"k_db5bb9872a4b2913","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility","sealed":"gAAAAABrDgpujFjkz0ZyAFIZf2XqmJ75g_HSdznf0KVRT3Ep2NjnpN0BZanKLLdK51w_o4XbNPAVoUtNlOMGjtPWHena_UvrBxNFKHAonuHGF734QX8XUGxG8DnchVsMB4X492G27JR4"}]}', '32ce3557cb6df972f981a3dc799eebe0f9c1db8b4b5c103356bfb3e5759b1b53');
INSERT INTO public.ledger VALUES (16, 'keys', '2026-11-30 23:44:46.415899+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"channel":"siranap_v1","created_at":"2026-11-30T23:44:46.415899+00:00","created_by":"operator","digest":"8e9b4c9340f76f5b04a85c195e903436274a5ed683075b753ff06d3c88854a70","name":"RS \"St. Elisabeth\" (siranap_v1)","prefix":"d09edb25eee1","principal":"k_91a8b94bcd3d6aa3","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility"}]}', '6e5b561abd508c9f9e81f236ea0a8a8908fd43867914e29d48f16d105481c873');
INSERT INTO public.ledger VALUES (17, 'report', '2026-11-30 23:44:46.470219+00', 'k_dec2ee83ae787cde', 'rs-3374021', 'sirs', '01626c94-d7d5-455c-bc3f-4ccbc0d1a5fb', '2026-11-30 23:44:46.470219+00', '489ebe02288de0489d51457aa9fc4f0a0352a06f0610878a3a0c89c6274aade0', 'applied', '[["partial_channel",null,"sirs states fewer than half of the beds that another channel states; the figures of native count"]]', '{"channel":"sirs","complete":false,"facility_id":"rs-3374021","lines":[{"bed_type":"icu_no_ventilator","beds_blocked":0,"beds_occupied":3,"beds_total":5,"details":"{\"id_tt\":\"6\",\"jumlah\":5,\"jumlah_ruang\":1,\"ruang\":\"ICU Lantai 2\",\"terpakai\":3}","ward_code":"900000001","ward_name":"ICU Lantai 2"}],"observed_at":"2026-11-30T23:44:46.470219+00:00"}', 'aee2df6c81550d8e39cd8be7043f73b77762ddf3e583be7fc038a27b5e5688cd');
INSERT INTO public.ledger_format VALUES (1, 6);
INSERT INTO public.messages VALUES (1, 'rs-3374010', 'native', '2026-11-30 23:44:43.255208+00', 'POST /v1/facilities/rs-3374010/reports', 'flagged', 201, 'free_beside_queue: 3 beds available while 2 patients wait', NULL, '127.0.0.1', 'd30a8f15e3902131c196e409939784b7', 6);
INSERT INTO public.messages VALUES (2, 'rs-3374010', 'native', '2026-11-30 23:44:43.260838+00', 'POST /v1/facilities/rs-3374010/reports', 'flagged', 201, 'late: a newer figure for this line is known and is kept', NULL, '127.0.0.1', '3ab72553cd3820a56a69bd3efdccbc78', 7);
INSERT INTO public.messages VALUES (3, 'rs-3374010', 'native', '2026-11-30 23:44:43.266547+00', 'POST /v1/facilities/rs-3374010/reports', 'accepted', 201, NULL, NULL, '127.0.0.1', 'a6c219152b2163295eea5d78c7c9a00c', 8);
INSERT INTO public.messages VALUES (4, 'rs-3374021', 'native', '2026-11-30 23:44:43.271335+00', 'POST /v1/facilities/rs-3374021/reports', 'accepted', 201, NULL, NULL, '127.0.0.1', '9762bde08facbe205617cc42e0bbe5c5', 9);
INSERT INTO public.messages VALUES (5, 'rs-3374021', 'native', '2026-11-30 23:44:43.275979+00', 'POST /v1/facilities/rs-3374021/reports', 'accepted', 201, NULL, NULL, '127.0.0.1', 'bc36ad7a4abb9e8193f371c318895bfc', 10);
INSERT INTO public.messages VALUES (6, 'pkm-1', 'native', '2026-11-30 23:44:43.28162+00', 'POST /v1/facilities/pkm-1/reports', 'accepted', 201, NULL, NULL, '127.0.0.1', '58ea76294e83f11878fafaf92f460b09', 11);
INSERT INTO public.messages VALUES (7, 'rs-3374021', 'sirs', '2026-11-30 23:44:46.474167+00', 'PUT /fo/index.php/Fasyankes', 'flagged', 200, 'partial_channel: jalur ini memuat kurang dari setengah tempat tidur dari jalur lain, sehingga tidak dihitung (channel native)', 0, '127.0.0.1', 'c0e901d092f1b9814b728021b732d131', 17);
INSERT INTO public.messages VALUES (8, 'rs-3374021', 'sirs', '2026-11-30 23:44:46.483053+00', 'PUT /fo/index.php/Fasyankes', 'refused', 200, 'id_t_tt 999 tidak ditemukan; laporan disimpan untuk dipetakan petugas', 0, '127.0.0.1', '0e6011b6963774f7fc83371372624f95', NULL);
INSERT INTO public.secret_keys VALUES ('f5daaaddae92026d', 1);
INSERT INTO public.waiting_rows VALUES ('rs-3374021', 'sirs', '999', '{"counts":{"jumlah":5,"terpakai":3},"covid":null,"ruang":null}', '2026-11-30 23:44:46.477463+00', 1);
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
ALTER TABLE ONLY public.ledger_format
    ADD CONSTRAINT pk_ledger_format PRIMARY KEY (id);
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT pk_messages PRIMARY KEY (id);
ALTER TABLE ONLY public.rebuilds
    ADD CONSTRAINT pk_rebuilds PRIMARY KEY (number);
ALTER TABLE ONLY public.rejected_requests
    ADD CONSTRAINT pk_rejected_requests PRIMARY KEY (facility_id, hour, address);
ALTER TABLE ONLY public.relay_accounts
    ADD CONSTRAINT pk_relay_accounts PRIMARY KEY (facility_id, channel);
ALTER TABLE ONLY public.relay_leases
    ADD CONSTRAINT pk_relay_leases PRIMARY KEY (name);
ALTER TABLE ONLY public.relay_queue
    ADD CONSTRAINT pk_relay_queue PRIMARY KEY (id);
ALTER TABLE ONLY public.secret_keys
    ADD CONSTRAINT pk_secret_keys PRIMARY KEY (fingerprint);
ALTER TABLE ONLY public.signed_times
    ADD CONSTRAINT pk_signed_times PRIMARY KEY (prefix, signed_at);
ALTER TABLE ONLY public.waiting_rows
    ADD CONSTRAINT pk_waiting_rows PRIMARY KEY (facility_id, channel, row_id);
ALTER TABLE ONLY public.identifiers
    ADD CONSTRAINT uq_identifiers_facility_id_system UNIQUE (facility_id, system);
ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT uq_ledger_by_report_id UNIQUE (by, report_id);
CREATE INDEX ix_areas_parent ON public.areas USING btree (parent);
CREATE INDEX ix_credentials_principal ON public.credentials USING btree (principal);
CREATE INDEX ix_facilities_area_code ON public.facilities USING btree (area_code);
CREATE INDEX ix_ledger_facility_id_seq ON public.ledger USING btree (facility_id, seq);
CREATE INDEX ix_messages_facility_id_id ON public.messages USING btree (facility_id, id);
CREATE INDEX ix_relay_queue_facility_id_channel_row_id ON public.relay_queue USING btree (facility_id, channel, "row", id);
CREATE INDEX ix_signed_times_signed_at ON public.signed_times USING btree (signed_at);
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
