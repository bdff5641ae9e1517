-- The two roles of Balai in PostgreSQL. Run as a superuser, in Balai's own database; again after a new version or with
-- new passwords. compose.yaml does it at each start. By hand:
--
--   BALAI_OWNER_PASSWORD=... BALAI_SERVICE_PASSWORD=... psql -f migrations/postgres-roles.sql balai
--
-- balai_owner owns the tables and runs the migrations. balai_service is what the service connects as: what it may do,
-- `balai migrate --grant-to balai_service` says, and it can neither change nor switch off what keeps the ledger
-- append-only. Neither is a superuser.
\set ON_ERROR_STOP on
\set QUIET on
\getenv owner_password BALAI_OWNER_PASSWORD
\getenv service_password BALAI_SERVICE_PASSWORD

SELECT format('CREATE ROLE %I', wanted)
FROM unnest(ARRAY['balai_owner', 'balai_service']) AS wanted
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted)
\gexec

ALTER ROLE balai_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD :'owner_password';
ALTER ROLE balai_service LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD :'service_password';

SELECT format('ALTER DATABASE %I OWNER TO balai_owner', current_database())
\gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC, balai_service', current_database())
\gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO balai_service', current_database())
\gexec
ALTER SCHEMA public OWNER TO balai_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

-- What an earlier installation made as its superuser. The sequences go with their tables.
SELECT format('ALTER TABLE public.%I OWNER TO balai_owner', relname)
FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
\gexec
SELECT format('ALTER ROUTINE %s OWNER TO balai_owner', oid::regprocedure)
FROM pg_proc
WHERE pronamespace = 'public'::regnamespace
\gexec
