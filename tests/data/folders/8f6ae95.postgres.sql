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
INSERT INTO public.alembic_version VALUES ('c41f0a6be2d7');
INSERT INTO public.areas VALUES ('ID', 'Indonesia', 'country', 'country', NULL, 0, NULL, NULL);
INSERT INTO public.areas VALUES ('33', 'Jawa Tengah', 'province', 'provinsi', 'ID', 1, NULL, NULL);
INSERT INTO public.areas VALUES ('33.74', 'Kota Semarang', 'city', 'kota', '33', 2, NULL, NULL);
INSERT INTO public.areas VALUES ('33.74.07', 'Semarang Selatan', 'kecamatan', 'kecamatan', '33.74', 3, NULL, NULL);
INSERT INTO public.channels VALUES ('rs-3374010', 'native', '2026-11-25 07:58:15+00', 8, '2026-11-25 08:06:15.767397+00', NULL, NULL, '[["","icu",null,"2026-11-25T07:57:15+00:00",6,"2026-11-25T08:06:15.742517+00:00",[12,9,0,3,null,null,2,null,null,null,null,"derived"]],["A","hcu",null,"2026-11-25T07:58:15+00:00",8,"2026-11-25T08:06:15.767397+00:00",[6,5,0,1,null,null,null,null,null,null,null,"reported"]]]');
INSERT INTO public.channels VALUES ('rs-3374021', 'native', '2026-11-25 08:01:15+00', 10, '2026-11-25 08:06:15.774449+00', '2026-11-25 07:59:15+00', 9, '[["","ward_1",null,"2026-11-25T07:59:15+00:00",9,"2026-11-25T08:06:15.771644+00:00",[40,31,0,9,null,null,null,null,null,null,null,"derived"]],["","burn",null,"2026-11-25T08:01:15+00:00",10,"2026-11-25T08:06:15.774449+00:00",null]]');
INSERT INTO public.channels VALUES ('pkm-1', 'native', '2026-11-25 08:00:15+00', 11, '2026-11-25 08:06:15.776949+00', NULL, NULL, '[["","isolation_bed",null,"2026-11-25T08:00:15+00:00",11,"2026-11-25T08:06:15.776949+00:00",[8,0,0,8,null,null,null,null,null,null,null,"derived"]]]');
INSERT INTO public.channels VALUES ('rs-3374021', 'sirs', '2026-11-25 08:06:17.926374+00', 17, '2026-11-25 08:06:17.926374+00', NULL, NULL, '[["900000001","icu_no_ventilator","ICU Lantai 2","2026-11-25T08:06:17.926374+00:00",17,"2026-11-25T08:06:17.926374+00:00",[5,3,0,2,null,null,null,null,null,null,null,"derived"],"{\"id_tt\":\"6\",\"jumlah\":5,\"jumlah_ruang\":1,\"ruang\":\"ICU Lantai 2\",\"terpakai\":3}"]]');
INSERT INTO public.credentials VALUES ('0a5362d0628e', 'ee7de914547db0c035e66919cc7830fd37e4c72712633bd4223a84b52115e7cc', 'k_9addd97fcfc4b162', 'command', 'national', NULL, 'Dinkes', '2026-11-25 08:06:12.193157+00', 'operator', NULL, NULL, NULL, NULL);
INSERT INTO public.credentials VALUES ('f896fc17ef45', 'ad9036ae99089943c85c9f8be96b2916997e0197bf927d2429f2f2331c8c98d0', 'k_ecf311cb96ba9cc4', 'hospital', 'facility', 'rs-3374010', '', '2026-11-25 08:06:13.201615+00', 'operator', NULL, NULL, NULL, NULL);
INSERT INTO public.credentials VALUES ('990009e18886', '4bb97ffedf671342304e54c75bf7d2be1be63d9a97e4f4b147e0360762101265', 'k_614a19af3ff47c45', 'district', 'area', '33.74', '', '2026-11-25 08:06:14.33509+00', 'operator', NULL, '2026-11-25 08:06:15.794189+00', NULL, NULL);
INSERT INTO public.credentials VALUES ('b91613b25117', '014370fa41dd18fac530c169fc4bf0eca62e3b2712209313f3d45b4b3e0bd625', 'k_52d8ed9253135d97', 'hospital', 'facility', 'rs-3374021', 'RS "St. Elisabeth" (sirs)', '2026-11-25 08:06:17.866643+00', 'operator', NULL, NULL, 'sirs', NULL);
INSERT INTO public.credentials VALUES ('23745170', 'bf66efe8b3b499748f3aceb294a7f075b2d2b872a22c28dfc90a4de4a029d291', 'k_10c5a04cef8d9573', 'hospital', 'facility', 'rs-3374021', 'RS "St. Elisabeth" (aplicares)', '2026-11-25 08:06:17.885956+00', 'operator', NULL, NULL, 'aplicares', 'gAAAAABrBpb5GJ_rwfgWR-7L6Ge6iEAck9G4u269l7cd9aBxfuIhlYvLsn4-R-JpOmauqv-QwHNzlsO5ggiK6OFikeLOP1yuFJeEVI0vFzmmtTBPjdweZ9QxbpTAoOnbGHZ3LQ6x_3Ts');
INSERT INTO public.credentials VALUES ('6bafb71b8d82', 'e58710e6fe7931831fd1622ef49fd61ae5db06aeecfd8ff3cf0c470b7afb69c1', 'k_9a170838c3a77174', 'hospital', 'facility', 'rs-3374021', 'RS "St. Elisabeth" (siranap_v1)', '2026-11-25 08:06:17.890985+00', 'operator', NULL, NULL, 'siranap_v1', NULL);
INSERT INTO public.facilities VALUES ('rs-3374010', 'hospital', 'RS Umum Pusat Dr. Kariadi', '33.74.07', 'country', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2, NULL);
INSERT INTO public.facilities VALUES ('rs-3374021', 'hospital', 'RS "St. Elisabeth"', '33.74', 'private', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2, NULL);
INSERT INTO public.facilities VALUES ('pkm-1', 'clinic', 'Puskesmas Pandanaran', '33.74.07', 'city', NULL, NULL, '024 123', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 12, NULL);
INSERT INTO public.identifiers VALUES ('sirs', '3374010', 'rs-3374010');
INSERT INTO public.identifiers VALUES ('sirs', '3374021', 'rs-3374021');
INSERT INTO public.identifiers VALUES ('bpjs', '1199R021', 'rs-3374021');
INSERT INTO public.ledger VALUES (1, 'areas', '2026-11-25 08:06:08.979362+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"areas":[{"code":"ID","level":"country","name":"Indonesia","type":"country"},{"code":"33","level":"province","name":"Jawa Tengah","parent":"ID","type":"provinsi"},{"code":"33.74","level":"city","name":"Kota Semarang","parent":"33","type":"kota"},{"code":"33.74.07","level":"kecamatan","name":"Semarang Selatan","parent":"33.74","type":"kecamatan"}]}', '52e05f086fa3f30e59333e46d0b14f49aac6770441adeaf1d69ef9462788f005');
INSERT INTO public.ledger VALUES (2, 'facilities', '2026-11-25 08:06:11.175069+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"effective_at":"2026-11-25T08:06:11.175069+00:00","facilities":[{"area_code":"33.74.07","facility_id":"rs-3374010","identifiers":{"sirs":"3374010"},"kind":"hospital","name":"RS Umum Pusat Dr. Kariadi","operated_by":"country"},{"area_code":"33.74","facility_id":"rs-3374021","identifiers":{"bpjs":"1199R021","sirs":"3374021"},"kind":"hospital","name":"RS \"St. Elisabeth\"","operated_by":"private"},{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city"}],"reason":"registered"}', 'ec9544420b77c41e84e303696e299cca2fcb8f171672d8ca995497856541b0a7');
INSERT INTO public.ledger VALUES (3, 'keys', '2026-11-25 08:06:12.193157+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-25T08:06:12.193157+00:00","created_by":"operator","digest":"ee7de914547db0c035e66919cc7830fd37e4c72712633bd4223a84b52115e7cc","name":"Dinkes","prefix":"0a5362d0628e","principal":"k_9addd97fcfc4b162","role":"command","scope_kind":"national"}]}', 'cb49e4f22109a6a7967d375bf0ca46b1358b57ddbed5305789abe781f96e8e92');
INSERT INTO public.ledger VALUES (4, 'keys', '2026-11-25 08:06:13.201615+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-25T08:06:13.201615+00:00","created_by":"operator","digest":"ad9036ae99089943c85c9f8be96b2916997e0197bf927d2429f2f2331c8c98d0","name":"","prefix":"f896fc17ef45","principal":"k_ecf311cb96ba9cc4","role":"hospital","scope_id":"rs-3374010","scope_kind":"facility"}]}', 'b96911a5d317981ad5275fed4b912b5f2e80cae59154769e781b2e865b3ad06e');
INSERT INTO public.ledger VALUES (5, 'keys', '2026-11-25 08:06:14.33509+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-25T08:06:14.335090+00:00","created_by":"operator","digest":"4bb97ffedf671342304e54c75bf7d2be1be63d9a97e4f4b147e0360762101265","name":"","prefix":"990009e18886","principal":"k_614a19af3ff47c45","role":"district","scope_id":"33.74","scope_kind":"area"}]}', 'ae3a13b7718de58837d00dccd18814c588d8df15b7cd536bf7d04007b9d298f3');
INSERT INTO public.ledger VALUES (6, 'report', '2026-11-25 08:06:15.742517+00', 'k_9addd97fcfc4b162', 'rs-3374010', 'native', '71a44f0e-5c03-41e6-8a10-038569d7b63e', '2026-11-25 07:57:15+00', 'fbb257dedd83989d004157d4dd01408444a1c7f6014d46b0d61c13b31feffc57', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":9,"beds_total":12,"queue":2,"ward_code":""}],"observed_at":"2026-11-25T07:57:15+00:00"}', 'd0eb7d83631fd86cf50b0659d962b093e7fa196f7ea9f0648f04ac71a5f3065c');
INSERT INTO public.ledger VALUES (7, 'report', '2026-11-25 08:06:15.76438+00', 'k_9addd97fcfc4b162', 'rs-3374010', 'native', '82b2f721-bbd6-43fd-9713-eef14e65a6dc', '2026-11-25 07:46:15+00', '467e6cc530558a1760a4cda255e6b6d398ca74f3a70fa423c8e0649a20c40108', 'late', '[["late",0,"a newer figure of this line is known and stands"]]', '{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":1,"beds_total":11,"ward_code":""}],"observed_at":"2026-11-25T07:46:15+00:00"}', '39ead23a570f6707251f2eaedc0c8b7c1aed1f191c3b5b3a6166d0ee05c8bac0');
INSERT INTO public.ledger VALUES (8, 'report', '2026-11-25 08:06:15.767397+00', 'k_9addd97fcfc4b162', 'rs-3374010', 'native', '4b600926-beee-4b5c-8da4-3f9234303aae', '2026-11-25 07:58:15+00', '9b684ecbe7fffe8edad77a9a13462aa1aa3a351d006964d4efd5fb07907fd5ac', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"hcu","beds_available":1,"beds_blocked":0,"beds_total":6,"ward_code":"A"}],"observed_at":"2026-11-25T07:58:15+00:00"}', '390ead5a83aa09682cbf9f58610e14926e8d09454bb222dcdf2573cbbc779f90');
INSERT INTO public.ledger VALUES (9, 'report', '2026-11-25 08:06:15.771644+00', 'k_9addd97fcfc4b162', 'rs-3374021', 'native', 'acfc0025-8a4e-49f4-97c5-02ab1a5bb7f9', '2026-11-25 07:59:15+00', '5079a000250256e3f9809bf70ac62cb5786c26a3e279bce3fdd0050d2d5615d1', 'applied', NULL, '{"channel":"native","complete":true,"facility_id":"rs-3374021","lines":[{"bed_type":"ward_1","beds_blocked":0,"beds_occupied":31,"beds_total":40,"ward_code":""}],"observed_at":"2026-11-25T07:59:15+00:00"}', 'a32b87b80022b83927d93b44c7b63972ce6d7868b1b8ac2993fc7aa095c8f9ab');
INSERT INTO public.ledger VALUES (10, 'report', '2026-11-25 08:06:15.774449+00', 'k_9addd97fcfc4b162', 'rs-3374021', 'native', '19d4249a-5753-4d56-a0ab-86dd1105f446', '2026-11-25 08:01:15+00', '2067ed61df68b8a3a355e56a14cd2710578effef6e1f8a404049cdd7f2670fa8', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"rs-3374021","lines":[{"bed_type":"burn","closed":true,"ward_code":""}],"observed_at":"2026-11-25T08:01:15+00:00"}', '6a96c9c0d0fde8f3ddb2cc56ae6a22daeeb024801c0321db44760ba4ea05b776');
INSERT INTO public.ledger VALUES (11, 'report', '2026-11-25 08:06:15.776949+00', 'k_9addd97fcfc4b162', 'pkm-1', 'native', '65d1661d-7568-48cc-a24e-425a116b8b50', '2026-11-25 08:00:15+00', '2b25c38c5079db3f8363786f020a911f7154402159f19131ef6d1690bc8f48d9', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"pkm-1","lines":[{"bed_type":"isolation_bed","beds_blocked":0,"beds_occupied":0,"beds_total":8,"ward_code":""}],"observed_at":"2026-11-25T08:00:15+00:00"}', 'bc576dcc5db98d534303203379b6ed2ef5d40bb69f42588c1a89c73b02b0c99d');
INSERT INTO public.ledger VALUES (12, 'facilities', '2026-11-25 08:06:15.782607+00', 'k_9addd97fcfc4b162', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"effective_at":"2026-11-25T08:06:15.782607+00:00","facilities":[{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city","phone":"024 123"}],"reason":"new telephone"}', '75b40550972c0378e03076c7d444a5cb214d3d88cfe585522bf2790ac288bacc');
INSERT INTO public.ledger VALUES (13, 'keys', '2026-11-25 08:06:15.794189+00', 'k_9addd97fcfc4b162', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-25T08:06:14.335090+00:00","created_by":"operator","digest":"4bb97ffedf671342304e54c75bf7d2be1be63d9a97e4f4b147e0360762101265","name":"","prefix":"990009e18886","principal":"k_614a19af3ff47c45","revoked_at":"2026-11-25T08:06:15.794189+00:00","role":"district","scope_id":"33.74","scope_kind":"area"}]}', '792a4086557e6feda2e3be3ed1f45190a802f853cd61a08f38e2f6aedf8ddd35');
INSERT INTO public.ledger VALUES (14, 'keys', '2026-11-25 08:06:17.866643+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"channel":"sirs","created_at":"2026-11-25T08:06:17.866643+00:00","created_by":"operator","digest":"014370fa41dd18fac530c169fc4bf0eca62e3b2712209313f3d45b4b3e0bd625","name":"RS \"St. Elisabeth\" (sirs)","prefix":"b91613b25117","principal":"k_52d8ed9253135d97","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility"}]}', 'a78168ea0ded777a406933b0bd4ce2fff63f94ec5ba2288de48fe6d845eb13d2');
INSERT INTO public.ledger VALUES (15, 'keys', '2026-11-25 08:06:17.885956+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"channel":"aplicares","created_at":"2026-11-25T08:06:17.885956+00:00","created_by":"operator","digest":"bf66efe8b3b499748f3aceb294a7f075b2d2b872a22c28dfc90a4de4a029d291","name":"RS \"St. Elisabeth\" (aplicares)","prefix":"23745170","principal":"k_10c5a04cef8d9573","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility","sealed":"gAAAAABrBpb5GJ_rwfgWR-7L6Ge6iEAck9G4u269l7cd9aBxfuIhlYvLsn4-R-JpOmauqv-QwHNzlsO5ggiK6OFikeLOP1yuFJeEVI0vFzmmtTBPjdweZ9QxbpTAoOnbGHZ3LQ6x_3Ts"}]}', 'f3a738240d999c42869509047130cbad668a3c62fda0293c80eeaf86a10e60a2');
INSERT INTO public.ledger VALUES (16, 'keys', '2026-11-25 08:06:17.890985+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"channel":"siranap_v1","created_at":"2026-11-25T08:06:17.890985+00:00","created_by":"operator","digest":"e58710e6fe7931831fd1622ef49fd61ae5db06aeecfd8ff3cf0c470b7afb69c1","name":"RS \"St. Elisabeth\" (siranap_v1)","prefix":"6bafb71b8d82","principal":"k_9a170838c3a77174","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility"}]}', 'd49d2223b62671b3d1c8983178d3f9e46be14d303e9888831e62081d8abb2fe9');
INSERT INTO public.ledger VALUES (17, 'report', '2026-11-25 08:06:17.926374+00', 'k_52d8ed9253135d97', 'rs-3374021', 'sirs', '234d52be-a73e-4fa4-992a-7cc7b13287ea', '2026-11-25 08:06:17.926374+00', '803c6d566e78e208f393080f57c2b6d475cc6a18dc119062660dbaf70962ca46', 'applied', NULL, '{"channel":"sirs","complete":false,"facility_id":"rs-3374021","lines":[{"bed_type":"icu_no_ventilator","beds_blocked":0,"beds_occupied":3,"beds_total":5,"details":"{\"id_tt\":\"6\",\"jumlah\":5,\"jumlah_ruang\":1,\"ruang\":\"ICU Lantai 2\",\"terpakai\":3}","ward_code":"900000001","ward_name":"ICU Lantai 2"}],"observed_at":"2026-11-25T08:06:17.926374+00:00"}', '289c4c381672d5dabdee06d4c06768e4c744cb0fc2e68e834ed9fbde06575a09');
INSERT INTO public.messages VALUES (1, 'rs-3374010', 'native', '2026-11-25 08:06:15.759244+00', 'POST /v1/facilities/rs-3374010/reports', 'accepted', 201, NULL, NULL, '127.0.0.1', '04ee8a65698d05277f714c06d8d163b8', 6);
INSERT INTO public.messages VALUES (2, 'rs-3374010', 'native', '2026-11-25 08:06:15.766153+00', 'POST /v1/facilities/rs-3374010/reports', 'flagged', 201, 'late: a newer figure of this line is known and stands', NULL, '127.0.0.1', '4d958502cc5d5638410a56d133c9467d', 7);
INSERT INTO public.messages VALUES (3, 'rs-3374010', 'native', '2026-11-25 08:06:15.769032+00', 'POST /v1/facilities/rs-3374010/reports', 'accepted', 201, NULL, NULL, '127.0.0.1', 'c773d28a8958194af11f2f883e8a4b15', 8);
INSERT INTO public.messages VALUES (4, 'rs-3374021', 'native', '2026-11-25 08:06:15.773464+00', 'POST /v1/facilities/rs-3374021/reports', 'accepted', 201, NULL, NULL, '127.0.0.1', '32fcd384427a806df4ab69ea521e49e4', 9);
INSERT INTO public.messages VALUES (5, 'rs-3374021', 'native', '2026-11-25 08:06:15.775943+00', 'POST /v1/facilities/rs-3374021/reports', 'accepted', 201, NULL, NULL, '127.0.0.1', 'b2ecac4931e813fde8abae4839ccc814', 10);
INSERT INTO public.messages VALUES (6, 'pkm-1', 'native', '2026-11-25 08:06:15.77854+00', 'POST /v1/facilities/pkm-1/reports', 'accepted', 201, NULL, NULL, '127.0.0.1', '0a76d062359a56f15793f291dab310ec', 11);
INSERT INTO public.messages VALUES (7, 'rs-3374021', 'sirs', '2026-11-25 08:06:17.929043+00', 'PUT /fo/index.php/Fasyankes', 'accepted', 200, NULL, -1, '127.0.0.1', '1dd15b14044c4003d80ca75dc12ff279', 17);
INSERT INTO public.waiting_rows VALUES ('rs-3374021', 'sirs', '999', '{"counts":{"jumlah":5,"terpakai":3},"covid":null,"ruang":null}', '2026-11-25 08:06:17.934639+00', 1);
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
ALTER TABLE ONLY public.waiting_rows
    ADD CONSTRAINT fk_waiting_rows_facility_id FOREIGN KEY (facility_id) REFERENCES public.facilities(facility_id);
