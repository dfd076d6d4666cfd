"""Functions of ClickHouse that a statement may call: they read nothing but their arguments, change nothing, and reach nothing outside.

Left out on purpose: whatever reads another table or a dictionary (dictGet*, joinGet*, hasColumnInTable), files or models (file, catboost*), the session or the server
(currentUser, hostName, getSetting, version, …), introspection, sleep*, throwIf, state that is not a value (*State of unknown origin is allowed: it stays in the
query), encryption, randomness by name, row formatting, and whatever counts within the blocks that rows come in (rowNumberInBlock, neighbor, runningDifference, …):
blocks are cut before a row filter, so that such numbers tell of hidden rows. Table functions: only generators of bounded length.
"""

from __future__ import annotations

from app.sql.allowlist.words import words

AGGREGATES: frozenset[str] = words(
    """
    count sum min max avg any anylast any_value first_value last_value anyheavy argmin argmax avgweighted corr covarpop covarsamp
    covar_pop covar_samp stddevpop
    stddevsamp stddev_pop stddev_samp varpop varsamp var_pop var_samp variance stddev std entropy exponentialmovingaverage
    groupbitand groupbitor groupbitxor grouparray group_array array_agg grouparraysorted grouparraylast grouparrayinsertat
    grouparraymovingavg grouparraymovingsum groupuniqarray grouparraysample groupconcat group_concat string_agg kurtpop kurtsamp skewpop
    skewsamp
    median medianexact mediandeterministic mediantdigest mediantiming medianexactlow medianexacthigh medianexactweighted quantile
    quantiles quantiledd quantileexact
    quantileexactexclusive quantileexactinclusive quantileexacthigh quantileexactlow quantileexactweighted quantileinterpolatedweighted
    quantiletdigest
    quantiletdigestweighted quantiletiming quantiletimingweighted quantiledeterministic quantilebfloat16 quantilegk quantilesexact
    quantilesexactexclusive
    quantilesexactinclusive quantilesexacthigh quantilesexactlow quantilesexactweighted quantilestdigest quantilestiming quantilesgk
    rankcorr retention sequencecount sequencematch windowfunnel simplelinearregression summap minmap maxmap sumcount sumkahan
    sumwithoverflow
    topk topkweighted uniq uniqcombined uniqcombined64 uniqexact uniqhll12 uniqthetasketch uniqupto boundingratio deltasum
    deltasumtimestamp
    cramersv contingency theilsu studentttest welchttest mannwhitneyutest histogram intervallengthsum maxintersections bool_and bool_or
    approx_top_k approx_top_count approx_top_sum percentile_cont percentile_disc mode
    """
)
"""Aggregate functions, to which combinators may be added."""

COMBINATORS: tuple[str, ...] = (
    "simplestate",
    "ordefault",
    "ornull",
    "argmin",
    "argmax",
    "distinct",
    "foreach",
    "resample",
    "array",
    "state",
    "merge",
    "map",
    "if",
)
"""Suffixes of aggregate functions, longest first."""

FUNCTIONS: frozenset[str] = AGGREGATES | words(
    """
    abs acos acosh asin asinh atan atan2 atanh cbrt ceil ceiling cos cosh degrees e erf erfc exp exp10 exp2 floor gcd greatest hypot
    intdiv intdivorzero intdivornull
    intexp10 intexp2 lcm least lgamma ln log log10 log1p log2 max2 min2 minus mod modulo moduloorzero multiply negate pi plus
    positivemodulo pow power radians round
    roundage roundbankers rounddown roundduration roundtoexp2 sign sin sinh sqrt tan tanh tgamma trunc truncate divide dividedecimal
    multiplydecimal width_bucket
    widthbucket ifnotfinite isfinite isinfinite isnan byteswap bitand bitor bitxor bitnot bitshiftleft bitshiftright bittest bitcount
    and or not xor equals notequals less greater lessorequals greaterorequals in notin if multiif case casewithexpression
    casewithoutexpression
    coalesce ifnull isnull isnotnull isnullable assumenotnull nullif tonullable iszeroornull isnotdistinctfrom
    array arrayall arrayavg arraycompact arrayconcat arraycount arraycumsum arraycumsumnonnegative arraydifference arraydistinct
    arraydotproduct arrayelement
    arrayelementornull arrayenumerate arrayenumeratedense arrayenumerateuniq arrayexists arrayfill arrayfilter arrayfirst
    arrayfirstindex arrayfirstornull arrayflatten
    arrayintersect arrayjaccardindex arrayjoin arraylast arraylastindex arraylastornull arraymap arraymax arraymin arraypopback
    arraypopfront arrayproduct arraypushback
    arraypushfront arrayreduce arrayreduceinranges arrayresize arrayreverse arrayreversefill arrayreversesort arrayreversesplit
    arrayrotateleft arrayrotateright arrayslice
    arraysort arraysplit arraystringconcat arraysum arrayunion arrayuniq arraywithconstant arrayzip arraypartialsort countequal empty
    emptyarraytosingle
    notempty has hasall hasany hassubstr indexof length range
    ascii appendtrailingcharifabsent base58decode base58encode base64decode base64encode char char_length character_length concat
    concatwithseparator concat_ws
    convertcharset crc32 endswith startswith extract extractall extractallgroups extractallgroupshorizontal extractallgroupsvertical
    extractgroups format formatreadabledecimalsize
    formatreadablequantity formatreadablesize formatreadabletimedelta hex unhex ilike initcap initcaputf8 isvalidutf8 lcase left leftpad
    leftpadutf8 leftutf8 lengthutf8 like locate
    lower lowerutf8 lpad ltrim match mid multimatchany multimatchanyindex multisearchany multisearchfirstindex multisearchfirstposition
    ngramdistance ngramsearch
    normalizeutf8nfc notilike notlike octet_length position positioncaseinsensitive positioncaseinsensitiveutf8 positionutf8
    regexpextract regexpquotemeta regexp_extract
    regexp_replace repeat replace replaceall replaceone replaceregexpall replaceregexpone reverse reverseutf8 right rightpad
    rightpadutf8 rightutf8 rpad rtrim soundex
    space splitbychar splitbynonalpha splitbyregexp splitbystring splitbywhitespace startswithutf8 strpos substr substring
    substringcount substringcountcaseinsensitive
    substringindex substringutf8 substring_index tokens alphatokens touppercase tovalidutf8 translate translateutf8 trim trimboth
    trimleft trimright trim_both
    upper upperutf8 ucase levenshteindistance editdistance damerauleveinshteindistance jarosimilarity jarowinklersimilarity subsequence
    hassubsequence hastoken
    punycodeencode domain domainwithoutwww topleveldomain protocol path pathfull querystring cutquerystring cutwww urlhierarchy
    urlpathhierarchy extracturlparameter
    extracturlparameters extracturlparameternames decodeurlcomponent encodeurlcomponent firstsignificantsubdomain
    cuttofirstsignificantsubdomain
    adddate adddays addhours addinterval addmicroseconds addmilliseconds addminutes addmonths addnanoseconds addquarters addseconds
    addweeks addyears age date dateadd date_add datediff
    date_diff datename datesub date_sub date_format datetrunc date_trunc dateformat day dayofmonth dayofweek dayofyear formatdatetime
    formatdatetimeinjodasyntax
    fromdaysfrommillennium fromunixtimestamp fromunixtimestamp64milli hour makedate makedate32 makedatetime makedatetime64 millisecond
    minute month monthname now now64
    parsedatetime parsedatetimebesteffort parsedatetimebesteffortornull parsedatetimebesteffortorzero parsedatetime64besteffort
    parsedatetimeornull quarter second
    subdate subtractdays subtracthours subtractminutes subtractmonths subtractquarters subtractseconds subtractweeks subtractyears
    timediff timeslot timeslots timestamp
    timestampadd timestampdiff timestamp_add timestamp_diff timestampsub timestamp_sub timestamptrunc timestamp_trunc
    today yesterday current_date current_timestamp curdate todayofmonth todayofweek todayofyear tohour toisoweek toisoyear
    tolastdayofmonth tolastdayofweek last_day tominute
    tomillisecond tomonday tomonth tomonthnumsinceepoch toquarter torelativedaynum torelativehournum torelativeminutenum
    torelativemonthnum torelativequarternum
    torelativesecondnum torelativeweeknum torelativeyearnum tosecond tostartofday tostartoffifteenminutes tostartoffiveminutes
    tostartoffiveminute tostartofhour
    tostartofinterval tostartofisoyear tostartofminute tostartofmonth tostartofquarter tostartofsecond tostartofmillisecond
    tostartofmicrosecond tostartofnanosecond
    tostartoftenminutes tostartofweek tostartofyear totime totimezone tounixtimestamp tounixtimestamp64milli toweek toyear toyearweek
    toyyyymm toyyyymmdd toyyyymmddhhmmss
    week weekday year yyyymmddtodate timezoneoffset timestampindatetime to_days from_days changeyear changemonth changeday
    cast accuratecast accuratecastornull accuratecastordefault reinterpretasstring tobool todate todate32 todate32ornull todate32orzero
    todatetime todatetime64
    todatetime64ornull todatetimeornull todatetimeorzero todateornull todateorzero todateordefault todecimal128 todecimal256 todecimal32
    todecimal32ornull todecimal64
    todecimal64ornull todecimal128ornull todecimalstring tofixedstring tofloat32 tofloat32ornull tofloat32orzero tofloat64
    tofloat64ornull tofloat64orzero toint128 toint16
    toint16ornull toint256 toint32 toint32ornull toint32orzero toint64 toint64ornull toint64orzero toint8 toint8ornull tolowcardinality
    tostring tostringcuttozero touint128
    touint16 touint256 touint32 touint32ornull touint32orzero touint64 touint64ornull touint64orzero touint8 touint8ornull touuid
    touuidornull touuidorzero
    tointervalday tointervalhour tointervalminute tointervalmonth tointervalquarter tointervalsecond tointervalweek tointervalyear
    totypename
    jsonextract jsonextractarrayraw jsonextractbool jsonextractfloat jsonextractint jsonextractkeys jsonextractkeysandvalues
    jsonextractraw jsonextractstring jsonextractuint
    jsonhas jsonlength jsontype json_exists json_query json_value simplejsonextractbool simplejsonextractfloat simplejsonextractint
    simplejsonextractraw simplejsonextractstring
    simplejsonextractuint simplejsonhas visitparamextractstring visitparamextractint isvalidjson tojsonstring
    map mapadd mapapply mapconcat mapcontains mapcontainskey mapcontainsvalue mapfilter mapfromarrays mapkeys mapsort mapsubtract
    mapupdate mapvalues mapexists mapall
    tuple tupleelement untuple tupleconcat tupleplus tupleminus namedtuple
    cityhash64 farmhash64 halfmd5 inthash32 inthash64 javahash md5 murmurhash2_32 murmurhash2_64 murmurhash3_32 murmurhash3_64
    murmurhash3_128 sha1 sha224 sha256 sha512 siphash64
    siphash128 xxh3 xxhash32 xxhash64
    finalizeaggregation identity materialize bar transform generateuuidv4 generateuuidv7
    row_number rank dense_rank denserank percent_rank cume_dist ntile lag lead laginframe leadinframe nth_value nonnegativederivative
    grouping
    geodistance greatcircledistance geohashencode pointinpolygon ipv4numtostring ipv4stringtonum isipv4string isipv6string
    rand rand32 rand64 randcanonical bitmapbuild bitmapcardinality bitmaptoarray
    """
)

TABLE_FUNCTIONS: frozenset[str] = frozenset({"numbers", "generate_series", "generateseries"})
"""Functions that may stand in FROM."""

SYNTAX: frozenset[str] = words(
    """
    in values as over filter where and or not on using exists any all some select from join by case when then else between like ilike
    interval distinct union except
    intersect limit offset having sets rollup cube group array cast is materialized recursive order partition window with rows range
    first next fetch prewhere global
    qualify both leading trailing sample respect ignore nulls interpolate
    """
)
"""Words that are no function although a bracket may follow them."""

TYPES: frozenset[str] = words(
    """
    int8 int16 int32 int64 int128 int256 uint8 uint16 uint32 uint64 uint128 uint256 float32 float64 bfloat16 float double decimal
    decimal32 decimal64 decimal128 decimal256 string
    fixedstring bool boolean date date32 time time64 datetime datetime64 uuid enum8 enum16 enum array tuple map nullable lowcardinality
    int integer bigint smallint tinyint text varchar char
    timestamp json ipv4 ipv6 intervalday intervalmonth intervalyear intervalhour intervalminute intervalsecond intervalweek
    intervalquarter nested point
    """
)
"""Words of type names. AggregateFunction is not among them: a state made from text could be crafted."""
