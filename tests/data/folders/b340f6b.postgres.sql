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
INSERT INTO public.channels VALUES ('rs-3374010', 'native', '2026-11-25 07:57:52+00', 8, '2026-11-25 08:05:52.751344+00', NULL, NULL, '[["","icu",null,"2026-11-25T07:56:52+00:00",6,"2026-11-25T08:05:52.734783+00:00",[12,9,0,3,null,null,2,null,null,null,null,"derived"]],["A","hcu",null,"2026-11-25T07:57:52+00:00",8,"2026-11-25T08:05:52.751344+00:00",[6,5,0,1,null,null,null,null,null,null,null,"reported"]]]');
INSERT INTO public.channels VALUES ('rs-3374021', 'native', '2026-11-25 08:00:52+00', 10, '2026-11-25 08:05:52.757025+00', '2026-11-25 07:58:52+00', 9, '[["","ward_1",null,"2026-11-25T07:58:52+00:00",9,"2026-11-25T08:05:52.754083+00:00",[40,31,0,9,null,null,null,null,null,null,null,"derived"]],["","burn",null,"2026-11-25T08:00:52+00:00",10,"2026-11-25T08:05:52.757025+00:00",null]]');
INSERT INTO public.channels VALUES ('pkm-1', 'native', '2026-11-25 07:59:52+00', 11, '2026-11-25 08:05:52.759984+00', NULL, NULL, '[["","isolation_bed",null,"2026-11-25T07:59:52+00:00",11,"2026-11-25T08:05:52.759984+00:00",[8,0,0,8,null,null,null,null,null,null,null,"derived"]]]');
INSERT INTO public.channels VALUES ('rs-3374021', 'sirs', '2026-11-25 08:05:55.074253+00', 17, '2026-11-25 08:05:55.074253+00', NULL, NULL, '[["900000001","icu_no_ventilator","ICU Lantai 2","2026-11-25T08:05:55.074253+00:00",17,"2026-11-25T08:05:55.074253+00:00",[5,3,0,2,null,null,null,null,null,null,null,"derived"],"{\"id_tt\":\"6\",\"jumlah\":5,\"jumlah_ruang\":1,\"ruang\":\"ICU Lantai 2\",\"terpakai\":3}"]]');
INSERT INTO public.credentials VALUES ('225b5c786ff9', 'f3b2eb72e7599cda0befab2bdb630a7c368ccbd15f155e5973a38669fc27cc5b', 'k_c2cd5a4c14ba613b', 'command', 'national', NULL, 'Dinkes', '2026-11-25 08:05:49.732546+00', 'operator', NULL, NULL, NULL, NULL);
INSERT INTO public.credentials VALUES ('e7d9f91e5cc1', 'cf9b1af4a3e11144564c067be16533883d3f603a46b1c44c99c6911e2da9d89e', 'k_04490afd87ceb0dc', 'hospital', 'facility', 'rs-3374010', '', '2026-11-25 08:05:50.700038+00', 'operator', NULL, NULL, NULL, NULL);
INSERT INTO public.credentials VALUES ('6d4774c01dbb', 'dbbc1640f1bc55594cce8b4a597ec4a911aeb662477427e218457304e8a93e67', 'k_e5be6c4caa3ebb54', 'district', 'area', '33.74', '', '2026-11-25 08:05:51.668189+00', 'operator', NULL, '2026-11-25 08:05:52.778373+00', NULL, NULL);
INSERT INTO public.credentials VALUES ('af6a66758b62', 'a6daea5b23fb3061bcde00c41460e70bc640d4953cf9c01c18fa7d458ddc17f7', 'k_fb2ff51e890a0dd5', 'hospital', 'facility', 'rs-3374021', 'RS "St. Elisabeth" (sirs)', '2026-11-25 08:05:54.972625+00', 'operator', NULL, NULL, 'sirs', NULL);
INSERT INTO public.credentials VALUES ('62740931', 'a1f8f72acae759b153874ea51cf1a47969112405d75dc3949289bed782064ac9', 'k_926155f87a560d5d', 'hospital', 'facility', 'rs-3374021', 'RS "St. Elisabeth" (aplicares)', '2026-11-25 08:05:55.005732+00', 'operator', NULL, NULL, 'aplicares', 'gAAAAABrBpbjN5rjomYBWtR7k7UPkt9AOWdkgexB2AaNT5QkxRBRmy-Q-2xUQweMrwjTa5HpzJTiDfiztwFV-qFPn2g43ZvPFFY39RPuBo7iI_X64sTdDbSYG6lm4jGLKzPmlTS7zvWm');
INSERT INTO public.credentials VALUES ('b7a6c485f657', 'd9def0c2694a655e4e317af5c1c0af19a8a08694242d67ba135ed0f04cada76c', 'k_63383c93d51f1f5e', 'hospital', 'facility', 'rs-3374021', 'RS "St. Elisabeth" (siranap_v1)', '2026-11-25 08:05:55.016934+00', 'operator', NULL, NULL, 'siranap_v1', NULL);
INSERT INTO public.facilities VALUES ('rs-3374010', 'hospital', 'RS Umum Pusat Dr. Kariadi', '33.74.07', 'country', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2);
INSERT INTO public.facilities VALUES ('rs-3374021', 'hospital', 'RS "St. Elisabeth"', '33.74', 'private', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2);
INSERT INTO public.facilities VALUES ('pkm-1', 'clinic', 'Puskesmas Pandanaran', '33.74.07', 'city', NULL, NULL, '024 123', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 12);
INSERT INTO public.identifiers VALUES ('sirs', '3374010', 'rs-3374010');
INSERT INTO public.identifiers VALUES ('sirs', '3374021', 'rs-3374021');
INSERT INTO public.identifiers VALUES ('bpjs', '1199R021', 'rs-3374021');
INSERT INTO public.ledger VALUES (1, 'areas', '2026-11-25 08:05:46.304212+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"areas":[{"code":"ID","level":"country","name":"Indonesia","type":"country"},{"code":"33","level":"province","name":"Jawa Tengah","parent":"ID","type":"provinsi"},{"code":"33.74","level":"city","name":"Kota Semarang","parent":"33","type":"kota"},{"code":"33.74.07","level":"kecamatan","name":"Semarang Selatan","parent":"33.74","type":"kecamatan"}]}', 'a97c5071b85f0208cfa7319e20480519eee3da153c2c422a46219a9db3aa3688');
INSERT INTO public.ledger VALUES (2, 'facilities', '2026-11-25 08:05:48.762842+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"effective_at":"2026-11-25T08:05:48.762842+00:00","facilities":[{"area_code":"33.74.07","facility_id":"rs-3374010","identifiers":{"sirs":"3374010"},"kind":"hospital","name":"RS Umum Pusat Dr. Kariadi","operated_by":"country"},{"area_code":"33.74","facility_id":"rs-3374021","identifiers":{"bpjs":"1199R021","sirs":"3374021"},"kind":"hospital","name":"RS \"St. Elisabeth\"","operated_by":"private"},{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city"}],"reason":"registered"}', '944aefdfb0d8284bb3e52c2f386654c061768733d42ef2968df243fb114ab852');
INSERT INTO public.ledger VALUES (3, 'keys', '2026-11-25 08:05:49.732546+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-25T08:05:49.732546+00:00","created_by":"operator","digest":"f3b2eb72e7599cda0befab2bdb630a7c368ccbd15f155e5973a38669fc27cc5b","name":"Dinkes","prefix":"225b5c786ff9","principal":"k_c2cd5a4c14ba613b","role":"command","scope_kind":"national"}]}', '73776395354f4d300a32efe3f6173215f727b02ed9b73288ec277815d8250ef5');
INSERT INTO public.ledger VALUES (4, 'keys', '2026-11-25 08:05:50.700038+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-25T08:05:50.700038+00:00","created_by":"operator","digest":"cf9b1af4a3e11144564c067be16533883d3f603a46b1c44c99c6911e2da9d89e","name":"","prefix":"e7d9f91e5cc1","principal":"k_04490afd87ceb0dc","role":"hospital","scope_id":"rs-3374010","scope_kind":"facility"}]}', 'bd9e9feb9ec1152da8083f66cf10335daa0b9d3c88ec0cc98505bdb60e5c8d2c');
INSERT INTO public.ledger VALUES (5, 'keys', '2026-11-25 08:05:51.668189+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-25T08:05:51.668189+00:00","created_by":"operator","digest":"dbbc1640f1bc55594cce8b4a597ec4a911aeb662477427e218457304e8a93e67","name":"","prefix":"6d4774c01dbb","principal":"k_e5be6c4caa3ebb54","role":"district","scope_id":"33.74","scope_kind":"area"}]}', '185aad3eb2e6192e5325364563073087b5fa4ea8488fcd471fdb8598046a732b');
INSERT INTO public.ledger VALUES (6, 'report', '2026-11-25 08:05:52.734783+00', 'k_c2cd5a4c14ba613b', 'rs-3374010', 'native', '52fdc950-4f55-4a29-a892-d89a96d21eb9', '2026-11-25 07:56:52+00', '0ae7070fca27bd3dba4964e6414be3f045aeb294658f0379aa5375d02691ed68', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":9,"beds_total":12,"queue":2,"ward_code":""}],"observed_at":"2026-11-25T07:56:52+00:00"}', '41fed23346db6efae6b3023c18e2ac91a100aafc0fde9e8dbfa9dfd690356cca');
INSERT INTO public.ledger VALUES (7, 'report', '2026-11-25 08:05:52.747427+00', 'k_c2cd5a4c14ba613b', 'rs-3374010', 'native', 'd43c9a4f-8544-41f6-9ce6-a14b38280414', '2026-11-25 07:45:52+00', '927bd297e9c70b9372280ffa77c12cddc7c12212686022d02c1bb8053881f69e', 'late', '[["late",0,"a newer figure of this line is known and stands"]]', '{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"icu","beds_blocked":0,"beds_occupied":1,"beds_total":11,"ward_code":""}],"observed_at":"2026-11-25T07:45:52+00:00"}', 'a37250f167c50f7a78d94672450320b0ee77d5b7acc00abd8d375f9010c42a8a');
INSERT INTO public.ledger VALUES (8, 'report', '2026-11-25 08:05:52.751344+00', 'k_c2cd5a4c14ba613b', 'rs-3374010', 'native', 'd2b438e2-72bd-4787-bc28-63da261de19f', '2026-11-25 07:57:52+00', '3ce1afcdbfedbab0da7d94605bbf8657e409a91d1c5b3ac69795ddd65faf231b', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"rs-3374010","lines":[{"bed_type":"hcu","beds_available":1,"beds_blocked":0,"beds_total":6,"ward_code":"A"}],"observed_at":"2026-11-25T07:57:52+00:00"}', '7e8cf9927ab8a08c1ea5898581b52c2f12a74587ee9dc1718acbf3de18627a9f');
INSERT INTO public.ledger VALUES (9, 'report', '2026-11-25 08:05:52.754083+00', 'k_c2cd5a4c14ba613b', 'rs-3374021', 'native', '689126e5-b3c8-4083-a8af-cfef5c2efe8a', '2026-11-25 07:58:52+00', '0e7efd08c72af706e684ea15916f7919acca36d342be774e6fe629ca110d3636', 'applied', NULL, '{"channel":"native","complete":true,"facility_id":"rs-3374021","lines":[{"bed_type":"ward_1","beds_blocked":0,"beds_occupied":31,"beds_total":40,"ward_code":""}],"observed_at":"2026-11-25T07:58:52+00:00"}', '445f8fea3d125ae6b87004f96501dfc9d8fe8fc9ab34758b289c1951b40ffcd0');
INSERT INTO public.ledger VALUES (10, 'report', '2026-11-25 08:05:52.757025+00', 'k_c2cd5a4c14ba613b', 'rs-3374021', 'native', '68dd262d-2d98-4f9e-8a57-fe20963a4a2d', '2026-11-25 08:00:52+00', '1933ba5858924c7ff05fa23f7384f7290e246d857550706405b11fb531b011b4', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"rs-3374021","lines":[{"bed_type":"burn","closed":true,"ward_code":""}],"observed_at":"2026-11-25T08:00:52+00:00"}', 'f9dfd5364a0243d2710da54b072502b4aed9bd095994695d89e88b57f0a28c19');
INSERT INTO public.ledger VALUES (11, 'report', '2026-11-25 08:05:52.759984+00', 'k_c2cd5a4c14ba613b', 'pkm-1', 'native', '82527153-14b3-4e5c-bfd2-7587081ab718', '2026-11-25 07:59:52+00', '37c4ee351fd5756516d45bddc63fd35c253f17d35bfacc3e186de1aa68507ba5', 'applied', NULL, '{"channel":"native","complete":false,"facility_id":"pkm-1","lines":[{"bed_type":"isolation_bed","beds_blocked":0,"beds_occupied":0,"beds_total":8,"ward_code":""}],"observed_at":"2026-11-25T07:59:52+00:00"}', '384bbe10a572418b31842761696a168f594db990c7a0bb7af012a4fa0c840bbf');
INSERT INTO public.ledger VALUES (12, 'facilities', '2026-11-25 08:05:52.766074+00', 'k_c2cd5a4c14ba613b', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"effective_at":"2026-11-25T08:05:52.766074+00:00","facilities":[{"area_code":"33.74.07","facility_id":"pkm-1","identifiers":{},"kind":"clinic","name":"Puskesmas Pandanaran","operated_by":"city","phone":"024 123"}],"reason":"new telephone"}', '0e3c4534f9fe88a713f54d6ba0087411960cb29d42b81a6e1d16b21d7ca0b2ad');
INSERT INTO public.ledger VALUES (13, 'keys', '2026-11-25 08:05:52.778373+00', 'k_c2cd5a4c14ba613b', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"created_at":"2026-11-25T08:05:51.668189+00:00","created_by":"operator","digest":"dbbc1640f1bc55594cce8b4a597ec4a911aeb662477427e218457304e8a93e67","name":"","prefix":"6d4774c01dbb","principal":"k_e5be6c4caa3ebb54","revoked_at":"2026-11-25T08:05:52.778373+00:00","role":"district","scope_id":"33.74","scope_kind":"area"}]}', 'd66cd08a55fe16836817f8172ca21370c25abe8245ca96ec4a98ee489d3a6e22');
INSERT INTO public.ledger VALUES (14, 'keys', '2026-11-25 08:05:54.972625+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"channel":"sirs","created_at":"2026-11-25T08:05:54.972625+00:00","created_by":"operator","digest":"a6daea5b23fb3061bcde00c41460e70bc640d4953cf9c01c18fa7d458ddc17f7","name":"RS \"St. Elisabeth\" (sirs)","prefix":"af6a66758b62","principal":"k_fb2ff51e890a0dd5","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility"}]}', 'f0852dfe08c2ec4458746ea1ee4eac35a80d106ee01900d439985c7437fe5596');
INSERT INTO public.ledger VALUES (15, 'keys', '2026-11-25 08:05:55.005732+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"channel":"aplicares","created_at":"2026-11-25T08:05:55.005732+00:00","created_by":"operator","digest":"a1f8f72acae759b153874ea51cf1a47969112405d75dc3949289bed782064ac9","name":"RS \"St. Elisabeth\" (aplicares)","prefix":"62740931","principal":"k_926155f87a560d5d","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility","sealed":"gAAAAABrBpbjN5rjomYBWtR7k7UPkt9AOWdkgexB2AaNT5QkxRBRmy-Q-2xUQweMrwjTa5HpzJTiDfiztwFV-qFPn2g43ZvPFFY39RPuBo7iI_X64sTdDbSYG6lm4jGLKzPmlTS7zvWm"}]}', '1ee4755006cc5561092ff62c70f58962091403c8c1cb20d876c19f30e1605cc2');
INSERT INTO public.ledger VALUES (16, 'keys', '2026-11-25 08:05:55.016934+00', 'operator', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '{"credentials":[{"channel":"siranap_v1","created_at":"2026-11-25T08:05:55.016934+00:00","created_by":"operator","digest":"d9def0c2694a655e4e317af5c1c0af19a8a08694242d67ba135ed0f04cada76c","name":"RS \"St. Elisabeth\" (siranap_v1)","prefix":"b7a6c485f657","principal":"k_63383c93d51f1f5e","role":"hospital","scope_id":"rs-3374021","scope_kind":"facility"}]}', '8a4fa48b29cb6fdfe2170e66ab4a12afea302815cd21f57e9e137a76d4367d03');
INSERT INTO public.ledger VALUES (17, 'report', '2026-11-25 08:05:55.074253+00', 'k_fb2ff51e890a0dd5', 'rs-3374021', 'sirs', '694ce2f4-c2ea-47d1-a80c-899ee782112c', '2026-11-25 08:05:55.074253+00', 'd3ca359b6813772e2e178cf129c8b71280d7b234d467b06737b7eb9a2a08e52f', 'applied', NULL, '{"channel":"sirs","complete":false,"facility_id":"rs-3374021","lines":[{"bed_type":"icu_no_ventilator","beds_blocked":0,"beds_occupied":3,"beds_total":5,"details":"{\"id_tt\":\"6\",\"jumlah\":5,\"jumlah_ruang\":1,\"ruang\":\"ICU Lantai 2\",\"terpakai\":3}","ward_code":"900000001","ward_name":"ICU Lantai 2"}],"observed_at":"2026-11-25T08:05:55.074253+00:00"}', '066a4c48cb8c8a9c811f9e94977df1ec3334d9470f4bf9fb0fdb3d51b5f4fc9f');
INSERT INTO public.messages VALUES (1, 'rs-3374021', 'sirs', '2026-11-25 08:05:55.077423+00', 'PUT /fo/index.php/Fasyankes', 'accepted', 200, NULL, 0, '127.0.0.1', 'f502a44ef09d910cc01cf26b101abe06', 17);
INSERT INTO public.waiting_rows VALUES ('rs-3374021', 'sirs', '999', '{"counts":{"jumlah":5,"terpakai":3},"covid":null,"ruang":null}', '2026-11-25 08:05:55.08541+00', 1);
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
