"""The queries by which the catalog tells what a schema holds, a kind each.

Object identifiers are left out or written as names, so that two schemas made
by the same statements give the same rows.
"""

from __future__ import annotations

__all__ = ["KINDS"]

NAMESPACE = "%(schema)s::regnamespace"

KINDS = {
    "relations": """
        SELECT relname, relkind, relpersistence, relispartition, relrowsecurity,
               relforcerowsecurity, relreplident, relispopulated, reloptions,
               amname, reloftype::regtype::text,
               CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(pg_class.oid) END,
               pg_get_expr(relpartbound, pg_class.oid),
               CASE WHEN relkind = 'p' THEN pg_get_partkeydef(pg_class.oid) END,
               relacl::text
        FROM pg_class LEFT JOIN pg_am ON pg_am.oid = relam
        WHERE relnamespace = {}""",
    # Debian's builds keep a version of their own among a column's options.
    "columns": """
        SELECT relname, attnum - (SELECT count(*) FROM pg_attribute gone
                                  WHERE gone.attrelid = pg_class.oid AND gone.attnum > 0
                                  AND gone.attnum < a.attnum AND gone.attisdropped),
               attname, format_type(atttypid, atttypmod), attnotnull,
               attidentity, attgenerated, attcollation::regcollation::text,
               attstorage, attcompression, attstattarget, attislocal,
               ARRAY(SELECT option FROM unnest(attoptions) option
                     WHERE option NOT LIKE 'pg_attver=%%'),
               attinhcount, pg_get_expr(adbin, adrelid), attacl::text
        FROM pg_attribute a JOIN pg_class ON pg_class.oid = attrelid
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relnamespace = {} AND attnum > 0
              AND NOT attisdropped AND relkind IN ('r', 'p', 'v', 'm', 'f', 'c')""",
    "inheritance": """
        SELECT c.relname, inhparent::regclass::text, inhseqno, inhdetachpending
        FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid
        WHERE relnamespace = {}""",
    "constraints": """
        SELECT conname, contype, conrelid::regclass::text, contypid::regtype::text,
               condeferrable, condeferred, convalidated, conislocal, coninhcount,
               connoinherit, pg_get_constraintdef(oid)
        FROM pg_constraint WHERE connamespace = {}""",
    "indexes": """
        SELECT pg_get_indexdef(indexrelid), indisunique, indisprimary, indisexclusion,
               indimmediate, indisvalid, indisclustered, indisreplident
        FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
        WHERE relnamespace = {}""",
    "sequences": """
        SELECT sequencename, data_type::text, start_value, min_value, max_value,
               increment_by, cycle, cache_size, last_value
        FROM pg_sequences WHERE schemaname = %(schema)s""",
    "sequence owners": """
        SELECT s.relname, t.relname, attname, d.deptype
        FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
        JOIN pg_class t ON t.oid = d.refobjid
        JOIN pg_attribute ON attrelid = t.oid AND attnum = d.refobjsubid
        WHERE d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
              AND s.relnamespace = {}""",
    "functions": """
        SELECT proname, prokind, pg_get_function_identity_arguments(oid),
               CASE WHEN prokind IN ('f', 'p', 'w') THEN pg_get_functiondef(oid)
               ELSE prosrc END, proacl::text
        FROM pg_proc WHERE pronamespace = {}""",
    "aggregates": """
        SELECT aggfnoid::regprocedure::text, aggkind, aggnumdirectargs,
               aggtransfn::text, aggfinalfn::text, aggcombinefn::text,
               aggserialfn::text, aggdeserialfn::text, aggmtransfn::text,
               aggminvtransfn::text, aggmfinalfn::text, aggfinalextra,
               aggfinalmodify, aggsortop::regoperator::text,
               aggtranstype::regtype::text, aggtransspace, agginitval, aggminitval
        FROM pg_aggregate JOIN pg_proc ON pg_proc.oid = aggfnoid
        WHERE pronamespace = {}""",
    "triggers": """
        SELECT relname, tgname, tgenabled, pg_get_triggerdef(pg_trigger.oid)
        FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE relnamespace = {} AND NOT tgisinternal""",
    "types": """
        SELECT typname, typtype, typnotnull, typdefault,
               typcollation::regcollation::text, format_type(typbasetype, typtypmod),
               typacl::text,
               ARRAY(SELECT enumlabel::text FROM pg_enum WHERE enumtypid = pg_type.oid
                     ORDER BY enumsortorder),
               (SELECT ARRAY[rngsubtype::regtype::text,
                             rngcollation::regcollation::text,
                             rngmultitypid::regtype::text, rngcanonical::text,
                             rngsubdiff::text,
                             (SELECT opcname FROM pg_opclass WHERE oid = rngsubopc)]
                FROM pg_range WHERE rngtypid = pg_type.oid)
        FROM pg_type WHERE typnamespace = {} AND (typtype <> 'b' OR typelem = 0)""",
    "casts": """
        SELECT castsource::regtype::text, casttarget::regtype::text,
               castfunc::regprocedure::text, castcontext, castmethod
        FROM pg_cast WHERE EXISTS (SELECT FROM pg_type WHERE typnamespace = {}
                                   AND oid IN (castsource, casttarget))""",
    "policies": """
        SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check
        FROM pg_policies WHERE schemaname = %(schema)s""",
    "rules": """
        SELECT relname, rulename, ev_enabled, pg_get_ruledef(pg_rewrite.oid)
        FROM pg_rewrite JOIN pg_class ON pg_class.oid = ev_class
        WHERE relnamespace = {} AND rulename <> '_RETURN'""",
    "statistics": """
        SELECT stxname, pg_get_statisticsobjdef(oid)
        FROM pg_statistic_ext WHERE stxnamespace = {}""",
    "collations": """
        SELECT (to_jsonb(c) - '{{oid,collnamespace,collowner}}'::text[])::text
        FROM pg_collation c WHERE collnamespace = {}""",
    "operators": """
        SELECT oid::regoperator::text, oprcanmerge, oprcanhash,
               oprresult::regtype::text, oprcom::regoperator::text,
               oprnegate::regoperator::text, oprcode::text,
               oprrest::text, oprjoin::text
        FROM pg_operator WHERE oprnamespace = {}""",
    "operator classes": """
        SELECT opcname, amname, opcintype::regtype::text, opcdefault,
               opckeytype::regtype::text,
               ARRAY(SELECT format('%%s %%s %%s', amopstrategy, amopopr::regoperator,
                                   amoppurpose)
                     FROM pg_amop WHERE amopfamily = opcfamily ORDER BY 1),
               ARRAY(SELECT format('%%s %%s', amprocnum, amproc::regprocedure)
                     FROM pg_amproc WHERE amprocfamily = opcfamily ORDER BY 1)
        FROM pg_opclass JOIN pg_am ON pg_am.oid = opcmethod
        WHERE opcnamespace = {}""",
    "text search": """
        SELECT 'configuration', cfgname,
               (SELECT prsname::text FROM pg_ts_parser WHERE oid = cfgparser),
               ARRAY(SELECT format('%%s %%s %%s', maptokentype, mapseqno,
                                   mapdict::regdictionary)
                     FROM pg_ts_config_map WHERE mapcfg = c.oid ORDER BY 1)::text
        FROM pg_ts_config c WHERE cfgnamespace = {}
        UNION ALL SELECT 'dictionary', dictname, tmplname, dictinitoption
        FROM pg_ts_dict JOIN pg_ts_template t ON t.oid = dicttemplate
        WHERE dictnamespace = {}
        UNION ALL SELECT 'template', tmplname, tmplinit::text, tmpllexize::text
        FROM pg_ts_template WHERE tmplnamespace = {}
        UNION ALL SELECT 'parser', prsname, prsstart::text, prstoken::text
        FROM pg_ts_parser WHERE prsnamespace = {}""",
    "privileges": """
        SELECT 'schema', '', nspacl::text FROM pg_namespace WHERE nspname = %(schema)s
        UNION ALL SELECT 'by default for ' || defaclrole::regrole, defaclobjtype::text,
                         defaclacl::text
        FROM pg_default_acl WHERE defaclnamespace = {}""",
    "comments": """
        SELECT o.type, o.identity, description
        FROM pg_description, pg_identify_object(classoid, objoid, objsubid) o
        WHERE objoid >= 16384 AND o.type <> 'schema'
              AND o.identity ~ ('\\m' || %(schema)s || '\\M')""",
}
KINDS = {kind: query.format(*[NAMESPACE] * 4) for kind, query in KINDS.items()}
