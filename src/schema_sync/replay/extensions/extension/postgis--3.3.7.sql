-- What migrations use of PostGIS 3.3: its types with their modifiers, operators, operator classes and the common
-- functions. A geometry is kept as the text it was given, and nothing is computed. Not relocatable: as the original.

-- The modifier packs the shape, its dimensions and the SRID as PostGIS does (TYPMOD_* in liblwgeom.h).
create function postgis_typmod_pack(words text[], srid integer) returns integer
  language plpgsql immutable strict parallel safe as $f$
declare
  shapes text[] := array['point', 'linestring', 'polygon', 'multipoint', 'multilinestring', 'multipolygon',
    'geometrycollection', 'circularstring', 'compoundcurve', 'curvepolygon', 'multicurve', 'multisurface',
    'polyhedralsurface', 'triangle', 'tin'];
  word text := lower(trim(words[1]));
  shape text := regexp_replace(word, 'z?m?$', '');
  number integer := coalesce(array_position(shapes, shape), 0);
begin
  if number = 0 and shape <> 'geometry' then
    raise exception 'Invalid geometry type modifier: %', words[1] using errcode = '22023';
  end if;
  if array_length(words, 1) > 1 then
    srid := words[2]::integer;
  end if;
  return (srid << 8) + (number << 2)
    + case when word ~ 'zm?$' then 2 else 0 end + case when word ~ 'm$' then 1 else 0 end;
end $f$;
create function geometry_typmod_in(cstring[]) returns integer language sql immutable strict parallel safe
  return postgis_typmod_pack($1::text[], 0);
create function geography_typmod_in(cstring[]) returns integer language sql immutable strict parallel safe
  return postgis_typmod_pack($1::text[], 4326);

do $$
declare
  type text;
  part text;
begin
  foreach type in array array['geometry', 'geography', 'box2d', 'box3d', 'raster'] loop
    execute pg_catalog.format('create type %I', type);
    execute pg_catalog.format('create function %I(cstring, oid, integer) returns %I language internal immutable strict'
      ' parallel safe as %L', type || '_in', type, 'textin');
    execute pg_catalog.format('create function %I(%I) returns cstring language internal immutable strict parallel safe'
      ' as %L', type || '_out', type, 'textout');
    execute pg_catalog.format('create type %I (input = %I, output = %I, internallength = variable, storage = main%s)', type,
      type || '_in', type || '_out',
      case when type in ('geometry', 'geography') then pg_catalog.format(', typmod_in = %I', type || '_typmod_in') else '' end);
    execute pg_catalog.format('create cast (text as %I) without function as implicit', type);
    execute pg_catalog.format('create cast (%I as text) without function as assignment', type);
  end loop;
  foreach type in array array['geometry', 'geography'] loop
    execute pg_catalog.format('create function %1$I(%1$I, integer, boolean) returns %1$I language sql immutable strict'
      ' parallel safe return $1', type);
    execute pg_catalog.format('create cast (%1$I as %1$I) with function %1$I(%1$I, integer, boolean) as implicit', type);
    execute pg_catalog.format('create function %1$I(bytea) returns %1$I language sql immutable strict parallel safe'
      ' return encode($1, ''hex'')::%1$I', type);
    execute pg_catalog.format('create cast (bytea as %1$I) with function %1$I(bytea) as implicit', type);
    foreach part in array array['lt', 'le', 'eq', 'ge', 'gt'] loop
      execute pg_catalog.format('create function %I(%I, %2$I) returns boolean language internal immutable strict parallel safe'
        ' as %L', type || '_' || part, type, 'bytea' || part);
      execute pg_catalog.format('create operator %s (leftarg = %I, rightarg = %2$I, function = %I)',
        '{"lt": "<", "le": "<=", "eq": "=", "ge": ">=", "gt": ">"}'::json ->> part, type, type || '_' || part);
    end loop;
    execute pg_catalog.format('create function %I(%I, %2$I) returns integer language internal immutable strict parallel safe'
      ' as %L', type || '_cmp', type, 'byteacmp');
    execute pg_catalog.format('create operator class %I default for type %I using btree as operator 1 <, operator 2 <=,'
      ' operator 3 =, operator 4 >=, operator 5 >, function 1 %I(%2$I, %2$I)',
      'btree_' || type || '_ops', type, type || '_cmp');
    execute pg_catalog.format('create function %I(%I, %2$I) returns boolean language sql immutable strict parallel safe'
      ' return false', type || '_compares', type);
    execute pg_catalog.format('create function %I(%I, %2$I) returns double precision language sql immutable strict'
      ' parallel safe return 0::float8', type || '_apart', type);
    foreach part in array array['&&', '&&&', '&<', '&>', '<<', '>>', '&<|', '|&>', '<<|', '|>>', '@', '~', '~=',
      '~~'] loop
      execute pg_catalog.format('create operator %s (leftarg = %I, rightarg = %2$I, function = %I)', part, type,
        type || '_compares');
    end loop;
    foreach part in array array['<->', '<#>', '<<->>', '<<#>>'] loop
      execute pg_catalog.format('create operator %s (leftarg = %I, rightarg = %2$I, function = %I)', part, type,
        type || '_apart');
    end loop;
  end loop;
end $$;

create function geography(geometry) returns geography language sql immutable strict parallel safe
  return $1::text::geography;
create function geometry(geography) returns geometry language sql immutable strict parallel safe
  return $1::text::geometry;
create cast (geometry as geography) with function geography(geometry) as implicit;
create cast (geography as geometry) with function geometry(geography);
create function "json"(geometry) returns json language sql immutable strict parallel safe
  return json_build_object('type', 'Point', 'coordinates', '[]'::json);
create function "jsonb"(geometry) returns jsonb language sql immutable strict parallel safe return "json"($1)::jsonb;
create cast (geometry as json) with function "json"(geometry);
create cast (geometry as jsonb) with function "jsonb"(geometry);

-- GiST over the bytes of a value, by the support functions of btree_gist; BRIN likewise.
create function geometry_gist_consistent(internal, geometry, smallint, oid, internal) returns boolean
  language c immutable strict parallel safe as '$libdir/btree_gist', 'gbt_bytea_consistent';
create function geometry_gist_union(internal, internal) returns internal
  language c immutable strict parallel safe as '$libdir/btree_gist', 'gbt_bytea_union';
create function geometry_gist_compress(internal) returns internal
  language c immutable strict parallel safe as '$libdir/btree_gist', 'gbt_bytea_compress';
create function geometry_gist_decompress(internal) returns internal
  language c immutable strict parallel safe as '$libdir/btree_gist', 'gbt_var_decompress';
create function geometry_gist_penalty(internal, internal, internal) returns internal
  language c immutable strict parallel safe as '$libdir/btree_gist', 'gbt_bytea_penalty';
create function geometry_gist_picksplit(internal, internal) returns internal
  language c immutable strict parallel safe as '$libdir/btree_gist', 'gbt_bytea_picksplit';
create function geometry_gist_same(bytea, bytea, internal) returns internal
  language c immutable strict parallel safe as '$libdir/btree_gist', 'gbt_bytea_same';
do $$
declare
  class text[];
begin
  foreach class slice 1 in array array[['gist_geometry_ops_2d', 'default', 'geometry'],
    ['gist_geometry_ops_nd', '', 'geometry'], ['gist_geography_ops', 'default', 'geography']] loop
    execute pg_catalog.format('create operator class %I %s for type %I using gist as function 1 geometry_gist_consistent'
      ' (internal, geometry, smallint, oid, internal), function 2 geometry_gist_union (internal, internal),'
      ' function 3 geometry_gist_compress (internal), function 4 geometry_gist_decompress (internal),'
      ' function 5 geometry_gist_penalty (internal, internal, internal),'
      ' function 6 geometry_gist_picksplit (internal, internal),'
      ' function 7 geometry_gist_same (bytea, bytea, internal), storage bytea', class[1], class[2], class[3]);
  end loop;
  foreach class slice 1 in array array[['brin_geometry_inclusion_ops_2d', 'geometry'],
    ['brin_geography_inclusion_ops', 'geography']] loop
    execute pg_catalog.format('create operator class %I default for type %I using brin as operator 1 <, operator 2 <=,'
      ' operator 3 =, operator 4 >=, operator 5 >, function 1 brin_minmax_opcinfo (internal),'
      ' function 2 brin_minmax_add_value (internal, internal, internal, internal),'
      ' function 3 brin_minmax_consistent (internal, internal, internal),'
      ' function 4 brin_minmax_union (internal, internal, internal)', class[1], class[2]);
  end loop;
end $$;

create table spatial_ref_sys (
  srid integer primary key check (srid > 0 and srid <= 998999), auth_name varchar(256), auth_srid integer,
  srtext varchar(2048), proj4text varchar(2048)
);
create view geometry_columns as
  select null::varchar(256) as f_table_catalog, null::name as f_table_schema, null::name as f_table_name,
    null::name as f_geometry_column, 0 as coord_dimension, 0 as srid, null::varchar(30) as type where false;
create view geography_columns as
  select null::name as f_table_catalog, null::name as f_table_schema, null::name as f_table_name,
    null::name as f_geography_column, 0 as coord_dimension, 0 as srid, null::text as type where false;
create type geometry_dump as (path integer[], geom geometry);

-- what comes back, and the functions that return it
do $$
declare
  kind text[];
  signature text;
begin
  foreach kind slice 1 in array array[
    ['geometry', '''POINT EMPTY''::geometry', 'st_point(float8,float8)|st_point(float8,float8,integer)'
      '|st_makepoint(float8,float8)|st_makepoint(float8,float8,float8)|st_setsrid(geometry,integer)'
      '|st_transform(geometry,integer)|st_transform(geometry,text)|st_buffer(geometry,float8)'
      '|st_buffer(geometry,float8,text)|st_centroid(geometry)|st_pointonsurface(geometry)|st_envelope(geometry)'
      '|st_union(geometry,geometry)|st_intersection(geometry,geometry)|st_difference(geometry,geometry)'
      '|st_symdifference(geometry,geometry)|st_convexhull(geometry)|st_simplify(geometry,float8)'
      '|st_simplifypreservetopology(geometry,float8)|st_makevalid(geometry)|st_multi(geometry)'
      '|st_force2d(geometry)|st_force3d(geometry)|st_geomfromtext(text)|st_geomfromtext(text,integer)'
      '|st_geometryfromtext(text)|st_geometryfromtext(text,integer)|st_geomfromewkt(text)|st_geomfromwkb(bytea)'
      '|st_geomfromwkb(bytea,integer)|st_geomfromewkb(bytea)|st_geomfromgeojson(text)|st_geomfromgeojson(json)'
      '|st_geomfromgeojson(jsonb)|st_geomfromgml(text)|st_geomfromkml(text)|st_pointfromtext(text)'
      '|st_pointfromtext(text,integer)|st_polygonfromtext(text)|st_polygonfromtext(text,integer)'
      '|st_linefromtext(text)|st_linefromtext(text,integer)|st_makeline(geometry,geometry)|st_makeline(geometry[])'
      '|st_makepolygon(geometry)|st_polygon(geometry,integer)|st_makeenvelope(float8,float8,float8,float8)'
      '|st_makeenvelope(float8,float8,float8,float8,integer)|st_tileenvelope(integer,integer,integer)'
      '|st_startpoint(geometry)|st_endpoint(geometry)|st_pointn(geometry,integer)|st_geometryn(geometry,integer)'
      '|st_exteriorring(geometry)|st_boundary(geometry)|st_closestpoint(geometry,geometry)'
      '|st_shortestline(geometry,geometry)|st_lineinterpolatepoint(geometry,float8)'
      '|st_linesubstring(geometry,float8,float8)|st_translate(geometry,float8,float8)|st_scale(geometry,float8,float8)'
      '|st_rotate(geometry,float8)|st_snaptogrid(geometry,float8)|st_reverse(geometry)|st_collect(geometry,geometry)'
      '|st_collect(geometry[])|st_expand(geometry,float8)|st_collectionextract(geometry,integer)'
      '|st_asmvtgeom(geometry,box2d)|st_asmvtgeom(geometry,box2d,integer)|st_flipcoordinates(geometry)'
      '|st_subdivide(geometry,integer)|st_linemerge(geometry)|st_node(geometry)|st_segmentize(geometry,float8)'],
    ['geography', '''POINT EMPTY''::geography', 'st_geogfromtext(text)|st_geographyfromtext(text)|st_geogfromwkb(bytea)'
      '|st_buffer(geography,float8)|st_centroid(geography)|st_project(geography,float8,float8)'
      '|st_segmentize(geography,float8)|st_intersection(geography,geography)'],
    ['double precision', '0::float8', 'st_x(geometry)|st_y(geometry)|st_z(geometry)|st_m(geometry)|st_xmin(box3d)'
      '|st_xmax(box3d)|st_ymin(box3d)|st_ymax(box3d)|st_xmin(geometry)|st_xmax(geometry)|st_ymin(geometry)'
      '|st_ymax(geometry)|st_area(geometry)|st_area(geography)|st_area(geography,boolean)|st_length(geometry)'
      '|st_length(geography)|st_length(geography,boolean)|st_perimeter(geometry)|st_perimeter(geography)'
      '|st_distance(geometry,geometry)|st_distance(geography,geography)|st_distance(geography,geography,boolean)'
      '|st_distancesphere(geometry,geometry)|st_distancespheroid(geometry,geometry)|st_3ddistance(geometry,geometry)'
      '|st_maxdistance(geometry,geometry)|st_azimuth(geometry,geometry)|st_azimuth(geography,geography)'
      '|st_hausdorffdistance(geometry,geometry)|st_linelocatepoint(geometry,geometry)|st_length2d(geometry)'],
    ['boolean', 'false', 'st_contains(geometry,geometry)|st_containsproperly(geometry,geometry)'
      '|st_within(geometry,geometry)|st_intersects(geometry,geometry)|st_intersects(geography,geography)'
      '|st_covers(geometry,geometry)|st_covers(geography,geography)|st_coveredby(geometry,geometry)'
      '|st_coveredby(geography,geography)|st_crosses(geometry,geometry)|st_overlaps(geometry,geometry)'
      '|st_touches(geometry,geometry)|st_disjoint(geometry,geometry)|st_equals(geometry,geometry)'
      '|st_dwithin(geometry,geometry,float8)|st_dwithin(geography,geography,float8)'
      '|st_dwithin(geography,geography,float8,boolean)|st_3dintersects(geometry,geometry)'
      '|st_relate(geometry,geometry,text)|populate_geometry_columns(boolean)'],
    ['boolean', 'true', 'st_isvalid(geometry)|st_isempty(geometry)|st_issimple(geometry)|st_isclosed(geometry)'
      '|st_isring(geometry)'],
    ['integer', '0', 'st_srid(geometry)|st_srid(geography)|st_npoints(geometry)|st_numpoints(geometry)'
      '|st_numgeometries(geometry)|st_ndims(geometry)|st_dimension(geometry)|st_numinteriorrings(geometry)'
      '|st_memsize(geometry)'],
    ['text', '''''', 'st_astext(geometry)|st_astext(geometry,integer)|st_astext(geography)|st_asewkt(geometry)'
      '|st_asewkt(geography)|st_asgeojson(geometry)|st_asgeojson(geometry,integer)|st_asgeojson(geometry,integer,integer)'
      '|st_asgeojson(geography)|st_askml(geometry)|st_assvg(geometry)|st_aslatlontext(geometry)'
      '|st_geohash(geometry)|st_geohash(geometry,integer)|st_geohash(geography)|st_geometrytype(geometry)'
      '|geometrytype(geometry)|geometrytype(geography)|st_isvalidreason(geometry)|st_summary(geometry)'
      '|st_asencodedpolyline(geometry)|st_relate(geometry,geometry)|postgis_version()|postgis_full_version()'
      '|postgis_lib_version()|updategeometrysrid(varchar,varchar,integer)'],
    ['bytea', '''\x''::bytea', 'st_asbinary(geometry)|st_asbinary(geography)|st_asewkb(geometry)|st_astwkb(geometry)'],
    ['box2d', '''''::text::box2d', 'box2d(geometry)|st_makebox2d(geometry,geometry)'],
    ['box3d', '''''::text::box3d', 'box3d(geometry)']] loop
    foreach signature in array string_to_array(kind[3], '|') loop
      execute pg_catalog.format('create function %s returns %s language sql immutable strict parallel safe return %s',
        signature, kind[1], kind[2]);
    end loop;
  end loop;
end $$;
create cast (geometry as box2d) with function box2d(geometry) as implicit;
create cast (geometry as box3d) with function box3d(geometry) as implicit;
create function st_dump(geometry) returns setof geometry_dump language sql immutable strict
  begin atomic select '{1}'::integer[], $1; end;
create function st_dumppoints(geometry) returns setof geometry_dump language sql immutable strict
  begin atomic select '{1}'::integer[], $1; end;
create function postgis_first(geometry, geometry) returns geometry language sql immutable parallel safe
  return coalesce($1, $2);
create aggregate st_union(geometry) (sfunc = postgis_first, stype = geometry);
create aggregate st_collect(geometry) (sfunc = postgis_first, stype = geometry);
create aggregate st_makeline(geometry) (sfunc = postgis_first, stype = geometry);
create function postgis_extent(box2d, geometry) returns box2d language sql immutable parallel safe return $2::box2d;
create aggregate st_extent(geometry) (sfunc = postgis_extent, stype = box2d);
create function postgis_tile(bytea, anyelement) returns bytea language sql immutable as 'select ''\x''::bytea';
create function postgis_tile(bytea, anyelement, text) returns bytea language sql immutable as 'select ''\x''::bytea';
create aggregate st_asmvt(anyelement) (sfunc = postgis_tile, stype = bytea);
create aggregate st_asmvt(anyelement, text) (sfunc = postgis_tile, stype = bytea);
create function st_asgeojson(r record, geom_column text default '', maxdecimaldigits integer default 9,
  pretty_bool boolean default false) returns text language plpgsql immutable as 'begin return ''''; end';
create function addgeometrycolumn(table_name varchar, column_name varchar, srid integer, type varchar, dim integer)
  returns text language plpgsql as $f$
begin
  execute pg_catalog.format('alter table %I add column %I geometry(%s, %s)', table_name, column_name, type, srid);
  return '';
end $f$;
create function addgeometrycolumn(schema_name varchar, table_name varchar, column_name varchar, srid integer,
  type varchar, dim integer) returns text language plpgsql as $f$
begin
  execute pg_catalog.format('alter table %I.%I add column %I geometry(%s, %s)', schema_name, table_name, column_name, type, srid);
  return '';
end $f$;
