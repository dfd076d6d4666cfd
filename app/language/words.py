"""The closed words of English that carry a question's grammar. No business has a word here."""

from __future__ import annotations

from enum import Enum, auto

from app.model.types import Grain


class Cue(Enum):
    """What a grammar word announces."""

    GROUP = auto()
    WITHIN = auto()
    WHERE = auto()
    WITH = auto()
    NOT = auto()
    AND = auto()
    OR = auto()
    COMMA = auto()
    IS = auto()
    COMPARE = auto()
    OR_MORE = auto()
    BETWEEN = auto()
    RANK = auto()
    WHICH = auto()
    ORDER = auto()
    DIRECTION = auto()
    LIST = auto()
    HOW_MANY = auto()
    AGGREGATE = auto()
    GRAIN = auto()
    TREND = auto()
    SHARE = auto()
    AGAINST = auto()
    CHANGE = auto()
    EACH_BEFORE = auto()
    RUNNING = auto()
    MOVING = auto()
    TOTALS = auto()
    WEEKPART = auto()
    APART = auto()
    REST = auto()
    UNSERVED = auto()
    VAGUE = auto()
    FILLER = auto()


def _all(text: str, cue: Cue, value: str = "") -> dict[tuple[str, ...], tuple[Cue, str]]:
    return {tuple(phrase.split()): (cue, value) for phrase in text.split("|")}


FINER = "a breakdown finer than a day"
CUES: dict[tuple[str, ...], tuple[Cue, str]] = {
    **_all(
        "by|per|for each|for every|each|every|split by|split it by|split that by|broken down by|break down by|break it down by|break that down by|"
        "break this down by|break them down by|breakdown by|breakdown of|grouped by|group by|segmented by",
        Cue.GROUP,
    ),
    **_all("over the different|over the various|across the different|across the various", Cue.GROUP),
    **_all(
        "differ between|differ by|differ across|differs between|differs by|differs across|vary between|vary by|vary across|varies by|varies between|"
        "varies across|different between|differ from|differed between|varied by|varied between|compared across|compared by|vary with|varies with|depend on|depends on|"
        "for each of|each of|in each of|at each of|for each of the|each of the|in each of the|for each of our|each of our|for every one of|for all of our|for all our|"
        "one row per|a row per|one row for each|a row for each|one line per|a line per|one line for each|one figure per|one figure for each|one number per|"
        "split out by|split up by|spread across|spread over|divided between|divided among|split between|split among|shared between|shared among|spread between|"
        "spread among",
        Cue.GROUP,
    ),
    **_all("across|in each|from each|of each|at each|in every|for the different|by each|by the|sliced by", Cue.GROUP),
    **_all(
        "of its|of their|in its|in their|within its|within their|within each|within every|within the|of its own|of the same|in the same",
        Cue.WITHIN,
    ),
    **_all(
        "across all|across all our|across all of our|over all|over all our|"
        "where|in|from|for|of|at|on|via|through|using|among|only|just|inside|within|to|into|only for|only in|only from",
        Cue.WHERE,
    ),
    **_all("with|having|whose|who have|that have|which have|who had|that had|which had|who has|that has|who made|that made", Cue.WITH),
    **_all("whove|thatve", Cue.WITH),
    **_all(
        "outside|outside of|not counting|not considering|leaving aside|disregarding|"
        "excluding|exclude|except|except for|other than|without|not|apart from|but not|ignoring|leaving out|not in|not from|not for|not the|non",
        Cue.NOT,
    ),
    **_all(
        "if you leave out|if we leave out|leave out|when you leave out|if you exclude|"
        "didnt|did not|dont|do not|doesnt|does not|havent|have not|hasnt|has not|hadnt|had not|"
        "with no|that have no|which have no|who have no|that has no|which has no|who has no|have no|has no|had no|that had no|who had no|having no|"
        "without any|"
        "everything but|all but|everything except|all except|anything but|everything other than|not including|is not|are not|was not|were not|isnt|arent|wasnt|werent|"
        "<>|!=|that are not|which are not",
        Cue.NOT,
    ),
    **_all(
        "next to|alongside|beside|"
        "with their|with its|with the corresponding|together with their|and their|and its|and as well as|and|as well as|plus|along with|together with|&|+",
        Cue.AND,
    ),
    **_all(
        "due to|owing to|live in|lives in|lived in|come from|comes from|started at|started in|starting at|starting in|starting from|departing from|departed from|"
        "ended at|ended in|ending at|ending in|arriving at|arrived at|bound for|heading to|"
        "living in|based in|located in|coming from|residing in|who live in|that live in|made by|made via|made through|"
        "went through|went via|goes through|going through|came through|came via|"
        "written by|led by|run by|taught by|handled by|managed by|served by|operated by|driven by|owned by|organised by|organized by|caused by|"
        "placed by|placed via|done by|created by|sent by|"
        "given by|issued by|signed by|submitted by|reported by",
        Cue.WHERE,
    ),
    **_all(
        "that drew|which drew|that attracted|that got|which got|that received|that reached|that saw|that generated|"
        "that brought in|that sold|which sold",
        Cue.WITH,
    ),
    **_all("if we|what if|if i|suppose|assuming|hypothetically", Cue.UNSERVED, "a supposition"),
    **_all("or", Cue.OR),
    **_all(",|;", Cue.COMMA),
    **_all("is|are|was|were|equals|equal to|is equal to|=|==|:|named|called", Cue.IS),
    **_all(
        "exceeds|exceed|exceeded|surpasses|surpassed|more then|greater then|higher then|larger then|bigger then|"
        "more than|greater than|over|above|exceeding|bigger than|larger than|higher than|upwards of|>|"
        "at least more than|is more than|longer than|worth more than|worth over|topped|topping",
        Cue.COMPARE,
        ">",
    ),
    **_all(
        "worth at least|at least|no less than|no fewer than|not less than|not fewer than|minimum of|a minimum of|>=|is at least",
        Cue.COMPARE,
        ">=",
    ),
    **_all(
        "worth less than|worth under|less then|fewer then|lower then|falls below|fell below|less than|fewer than|under|below|smaller than|"
        "lower than|<|is less than|shorter than|quicker than|"
        "faster than",
        Cue.COMPARE,
        "<",
    ),
    **_all("at most|no more than|not more than|up to|maximum of|a maximum of|<=|is at most", Cue.COMPARE, "<="),
    **_all("exactly", Cue.COMPARE, "="),
    **_all("or more|or above|or higher|or over|and above|and more|and up", Cue.OR_MORE, ">="),
    **_all("or less|or fewer|or below|or under|or lower", Cue.OR_MORE, "<="),
    **_all("between", Cue.BETWEEN),
    **_all("top|best|highest|most|largest|biggest|greatest|longest|leading|the most|the highest|strongest", Cue.RANK, "desc"),
    **_all(
        "busiest|most popular|most used|most widely used|best performing|top performing|hottest|strongest performing|"
        "priciest|most expensive|dearest|heaviest|richest|most successful|most common|most frequent|number one",
        Cue.RANK,
        "desc",
    ),
    **_all(
        "least popular|least used|worst performing|quietest|underperforming|least common|least frequent|poorest performing", Cue.RANK, "asc"
    ),
    **_all("fastest|quickest", Cue.RANK, "asc"),
    **_all("slowest|most often|most frequently|the most often|most commonly", Cue.RANK, "desc"),
    **_all("least often|the least often", Cue.RANK, "asc"),
    **_all(
        "cheapest|least expensive|lightest|bottom|lowest|least|worst|smallest|fewest|shortest|the least|the lowest|the fewest|weakest|poorest",
        Cue.RANK,
        "asc",
    ),
    **_all("which|what|whichever", Cue.WHICH),
    **_all("sorted by|ordered by|order by|sort by|ranked by|rank by|sort it by|in order of|sorted from|ranked|sorted", Cue.ORDER),
    **_all(
        "rank|rank the|sort descending|sorted descending|in descending order|descending order|descending|desc|"
        "highest first|largest first|biggest first|from highest to lowest|highest to lowest|from largest to smallest|high to low",
        Cue.DIRECTION,
        "desc",
    ),
    **_all(
        "from lowest to highest|lowest to highest|from smallest to largest|sort ascending|sorted ascending|"
        "in ascending order|ascending order|ascending|asc|lowest first|smallest first|"
        "from lowest to highest|low to high",
        Cue.DIRECTION,
        "asc",
    ),
    **_all(
        "list|list of|list all|what are the|what are all the|names of|possible values of|values of|are there|"
        "were there|exist|exists|do we have|available",
        Cue.LIST,
    ),
    **_all(
        "how often|how many times|how much money|how much in|nr of|no . of|num of|how many|how much|number of|count of|the number of|amount of|the amount of",
        Cue.HOW_MANY,
    ),
    **_all("total|sum|sum of|total of|combined", Cue.AGGREGATE, "sum"),
    **_all("average|avg|mean|average of|mean of|typical|on average|averaging|averaged|averages", Cue.AGGREGATE, "average"),
    **_all("distinct|unique|different", Cue.AGGREGATE, "distinct"),
    **_all("count|counts", Cue.AGGREGATE, "count"),
    **_all("median|median of", Cue.AGGREGATE, "median"),
    **_all("maximum|max", Cue.AGGREGATE, "max"),
    **_all("minimum|min", Cue.AGGREGATE, "min"),
    **_all(
        "over time|trend|trend of|trend in|trends|timeline|evolution of|evolution|development of|history of|time series|trend for",
        Cue.TREND,
    ),
    **_all(
        "split of|the split of|mix of|the mix of|portion|portion of|the portion of|what portion of|which portion of|"
        "distribution|distribution of|the distribution of|part of|which part of|what part of|how much of|what fraction of|how big a part of|share|share of|percentage|"
        "percentage of|percent of|percent|proportion|proportion of|fraction of|% of|%|pct|pct of|contribution|"
        "contribution of|"
        "as shares|in shares|shares|as percentages|percentages|as a percentage|as a percent|as percentage|as a share|"
        "as a percentage of|as a share of|in percent|percentage share of|percentage share|"
        "contributed|contributes|contribute|contributed to|accounts for|account for|accounted for|makes up|make up|made up",
        Cue.SHARE,
    ),
    **_all(
        "better than|worse than|versus|vs|compared to|compared with|compare|comparison|comparison of|against|"
        "relative to|than|compare to|compare with|in comparison to|"
        "in comparison with|compares to|compared|comparing|v",
        Cue.AGAINST,
    ),
    **_all("yoy|year over year|year on year|y / y", Cue.EACH_BEFORE, Grain.YEAR.value),
    **_all("qoq|quarter over quarter|quarter on quarter|q / q", Cue.EACH_BEFORE, Grain.QUARTER.value),
    **_all("mom|month over month|month on month|m / m", Cue.EACH_BEFORE, Grain.MONTH.value),
    **_all("wow|week over week|week on week|w / w", Cue.EACH_BEFORE, Grain.WEEK.value),
    **_all("day over day|day on day|dod", Cue.EACH_BEFORE, Grain.DAY.value),
    **_all(
        "growth rate|percent change|percentage change|percent growth|percentage growth|growth percentage|"
        "fastest growing|grew fastest|growing fastest|growing the fastest|grows fastest|grew the fastest|% change|% growth|"
        "rate of growth|growth in percent",
        Cue.CHANGE,
        "percent",
    ),
    **_all(
        "up or down|going up or down|trending up|trending down|went up or down|going up|going down|is up|are up|up|"
        "growth|growing|grew|grow|grown|increase|increased|change|changed|changes|difference|difference in|change in|"
        "growth in|growth of|increase in|rise|rose|risen|"
        "gain|gained|went up|gone up|go up|improved|improve|improvement",
        Cue.CHANGE,
        "up",
    ),
    **_all(
        "down|is down|are down|decrease|decreased|decline|declined|drop|dropped|fell|fall|fallen|shrank|shrink|went down|gone down|go down|"
        "decrease in|decline in|drop in|fall in",
        Cue.CHANGE,
        "down",
    ),
    **_all("cumulative|cumulatively|running total|running total of|running|accumulated|cumulated|running sum|running sum of", Cue.RUNNING),
    **_all(
        "moving average|moving average of|rolling average|rolling average of|trailing average|rolling mean|moving mean|"
        "rolling avg|moving avg|moving|rolling",
        Cue.MOVING,
    ),
    **_all(
        "with a total|with total|with totals|including a total|including total|including totals|and a total|and the total|plus a total|grand total|"
        "with the total|with a grand total|with grand total|and total|plus total|with subtotals|with subtotal|and overall|plus overall|and in total",
        Cue.TOTALS,
    ),
    **_all("separately|individually|respectively|side by side|one by one|each separately", Cue.APART),
    **_all(
        "everyone else|everybody else|anyone else|everything else|anything else|all others|all the others|all of the others|all the rest",
        Cue.REST,
    ),
    **_all("minus|subtract|subtracting", Cue.UNSERVED, "a difference between values"),
    **_all("ratio|ratio of|divided|divided by|/", Cue.UNSERVED, "a ratio that is no metric"),
    **_all("why|reason|explain|because|because of|cause", Cue.UNSERVED, "the reason for a number"),
    **_all(
        "will|will we|will we have|forecast|predict|prediction|projected|projection|expected|will be|going to", Cue.UNSERVED, "a forecast"
    ),
    **_all("correlation|correlate|correlated|outlier|outliers|anomaly|anomalies|histogram", Cue.UNSERVED, "a statistical analysis"),
    **_all("daily|day by day|by day|per day|each day|every day|a day", Cue.GRAIN, Grain.DAY.value),
    **_all("weekly|week by week|by week|per week|each week|every week|a week", Cue.GRAIN, Grain.WEEK.value),
    **_all("monthly|month by month|by month|per month|each month|every month|a month", Cue.GRAIN, Grain.MONTH.value),
    **_all("quarterly|quarter by quarter|by quarter|per quarter|each quarter|every quarter|a quarter", Cue.GRAIN, Grain.QUARTER.value),
    **_all("yearly|annual|annually|year by year|by year|per year|each year|every year|per annum|a year", Cue.GRAIN, Grain.YEAR.value),
    **_all("days when|days on which|day when", Cue.GRAIN, Grain.DAY.value),
    **_all("weeks when|weeks in which|week when", Cue.GRAIN, Grain.WEEK.value),
    **_all("months when|months in which|month when", Cue.GRAIN, Grain.MONTH.value),
    **_all("quarters when|quarters in which|quarter when", Cue.GRAIN, Grain.QUARTER.value),
    **_all("years when|years in which|year when", Cue.GRAIN, Grain.YEAR.value),
    **_all("day|days|date|by date", Cue.GRAIN, Grain.DAY.value),
    **_all("week|weeks", Cue.GRAIN, Grain.WEEK.value),
    **_all("month|months", Cue.GRAIN, Grain.MONTH.value),
    **_all("quarter|quarters", Cue.GRAIN, Grain.QUARTER.value),
    **_all("year|years", Cue.GRAIN, Grain.YEAR.value),
    **_all("weekday|weekdays|day of week|day of the week|days of the week|by day of week|by day of the week", Cue.GRAIN, "dow"),
    **_all("per day of the week|for each day of the week|each day of the week|every day of the week", Cue.GRAIN, "dow"),
    **_all("weekend|weekends|on weekends|on the weekend|at weekends|at the weekend|on weekend days", Cue.WEEKPART, "weekend"),
    **_all("on weekdays|on working days|on business days|on workdays|workdays|working days", Cue.WEEKPART, "weekday"),
    **_all("on mondays|mondays|every monday", Cue.WEEKPART, "1"),
    **_all("on tuesdays|tuesdays|every tuesday", Cue.WEEKPART, "2"),
    **_all("on wednesdays|wednesdays|every wednesday", Cue.WEEKPART, "3"),
    **_all("on thursdays|thursdays|every thursday", Cue.WEEKPART, "4"),
    **_all("on fridays|fridays|every friday", Cue.WEEKPART, "5"),
    **_all("on saturdays|saturdays|every saturday", Cue.WEEKPART, "6"),
    **_all("on sundays|sundays|every sunday", Cue.WEEKPART, "7"),
    **_all("hourly|hour|hours|by hour|minute|minutes", Cue.UNSERVED, FINER),
}
"""Phrases of folded words (the longest wins) with what they announce and a detail of it."""

LASTING_BOUNDS = frozenset({"longer than", "shorter than", "quicker than", "faster than"})
"""Comparisons of how long something takes."""
PARTS = frozenset({"%", "percent", "pct", "percentage"})
"""Words for parts of a hundred."""
SHARES = PARTS | {"share", "proportion", "fraction", "part", "portion"}
"""Words for parts of a whole."""
_FILLERS = """a an the this that these those there here it its they them their he she his her i me my mine we us our ours you your yours one ones
do does did done doing have has had be been being am would could can should shall may might must please kindly just hey hi hello thanks thank
show shows tell give gives get gets got find fetch display return see view look looking let lets want wants wanted need needs needed like know wonder
calculate compute report reports make makes made making take takes took taken placed generate generates generated bring brings brought
bring record records recorded come comes came coming happen happens happened occur occurs occurred
saw sees look looked looks stayed stays goes went draw draws drew drawn attract attracts attracted getting
included include includes including contain contains containing contained
develop developed develops evolve evolved evolves distributed distribute
better worse still currently already actually really exactly approximately roughly about
so then also too as out if ok okay quick quickly figure figures data value values number numbers amount amounts result breakdown query terms
all any every whole entire both current weve ive theyve im everything who whom how what whats s t ll ve re d m did does was were
$ € £ ¥ ¿ ¡ ؟ ، ? ! . ( ) [ ] " ' - – — ... * # ’ ‘ “ ” and"""
CUES |= {(word,): (Cue.FILLER, "") for word in _FILLERS.split() if (word,) not in CUES}
CUES |= _all(
    "what about|how about|same for|the same for|same with|the same with|same but|the same but|instead|split it|"
    "split that|break it|break that|break them|"
    "drill down|drill into|drill|show that|show it|make it|make that|change it|change that|now|also|again|"
    "instead of that|as well|too|additionally|the same days|the same days of|same days of|the same dates|the same dates of|the same days in|the same stretch of|"
    "further|the same thing|same thing|the same|same",
    Cue.FILLER,
)
CUES |= _all(
    "remind me|just wondering|wondering|can anybody|could anybody|can anyone|can somebody|tell me|for the board|for finance|for management|"
    "next to each other|one against the other|together|added together|added up|in all|sorry to bother|sorry|on our books|on the books|"
    "how high is|how high was|how high are|how big is|how big was|how big are|how large is|how large was|as the reason|as reason|as a reason|as the cause|"
    "overall|in total|altogether|all in all|all told|id need|id love|id want|ill need|im after|i am after|im looking for|i am looking for|"
    "put in|puts in|putting in|take place|takes place|took place|taking place|taken place|kind of|kinds of|sort of|sorts of|"
    "i . e .|i . e|e . g .|can you|could you|would you|id like|i would like|i want to|we want to|let me|do we|did we|have we|is there|so i can",
    Cue.FILLER,
)
_OCCASIONS = "meeting|report|review|deck|presentation|call|newsletter|update|briefing|dashboard|slides|audit|planning|budget|bonus round|standup|roster meeting"
_KINDS_OF_OCCASION = "|board|team|sales|staff|weekly|monthly|quarterly|annual|yearly|management|finance|business|steering|town hall|leadership|planning|budget"
CUES |= {
    tuple(f"for {whose} {kind} {occasion}".split()): (Cue.FILLER, "")
    for whose in ("the", "my", "our", "a", "an", "this", "tomorrows", "todays")
    for kind in _KINDS_OF_OCCASION.split("|")
    for occasion in _OCCASIONS.split("|")
}
"""What a figure is wanted for: `for our monthly review`."""
CUES |= _all(
    "chart|graph|plot|table|a chart of|a graph of|plot of|chart of|graph of|bar chart|line chart|pie chart|visualize|visualise|in terms of|"
    "used for|used in|used by|used with|something about|anything about|about|will you|you please|came in|come in|"
    "coming in|nothing else|and nothing else|else",
    Cue.FILLER,
)
CUES |= _all(
    "split|can you split|please split|break down|break down of|break out|breakdown|people|persons|folks|anyone|anybody|somebody|someone|everyone|"
    "sort them|sort it|sort this|sort|order them|order it",
    Cue.FILLER,
)
CUES |= _all("more|fewer|less|higher|lower", Cue.VAGUE, "than")
CUES |= _all(
    "work|works|worked|working|perform|performs|performed|performing|performance|results|kpi|kpis|stats|statistics|overview|summary|metrics|dashboard",
    Cue.VAGUE,
)
CUES |= _all(
    "activity|workload|progress|output|"
    "cash|busy|popular|successful|business|company|situation|going|look like|healthy|health|well|good|bad|state of things|things",
    Cue.VAGUE,
    "alone",
)
CUES |= _all("volume|volumes|numbers|figures|figure", Cue.VAGUE, "figures")
LONGEST = max(len(phrase) for phrase in CUES)
GRAMMAR = frozenset(word for phrase, (cue, _) in CUES.items() for word in phrase if cue is not Cue.VAGUE)
"""Every word of the grammar: none of them is ever taken for a misspelt name."""
ALONE = frozenset(phrase[0] for phrase, (cue, _) in CUES.items() if len(phrase) == 1 and cue is not Cue.VAGUE)
"""The words that are grammar by themselves."""
