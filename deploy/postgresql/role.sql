-- The portal owns its database, where its migrations make tables, and may do nothing else.
-- psql -d postgres -v word=PASSWORD -f role.sql
CREATE ROLE portal LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
    PASSWORD :'word';
CREATE DATABASE portal OWNER portal;
REVOKE ALL ON DATABASE portal FROM PUBLIC;
