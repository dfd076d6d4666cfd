"""Common English words that look like other words: none of them is ever taken for a misspelling of a name.

`county` is one letter from `country`, `prize` from `price`: who writes them may mean them, and an answer about the other would be wrong.
"""

from __future__ import annotations

_TEXT = """
able about above access accident account act action active actor actual add address admin adult advance advice age agency agent air album alert
angle animal annual answer apple area arm army art article asset audio aunt author avenue baby back bad bag balance ball band bank bar bargain barn base
basic basket bath battery beach bean bear beat bed beer bell belt bench best bill bird birth bit black block blog blood blue board boat body bold bolt
bond bone bonus book boost border boss bottle box boy brain brake brand bread break breed brick bridge brief broad broker brown brush budget bug build
building bulk bundle bus button buyer cable cafe cake call camera camp canal cancel candle car carbon card care career cargo cash cast castle cat cause
cell cent center centre chain chair chance channel chapter charge charity chart cheap check cheese chef chest chicken chief child choice church churn city
claim class clean clear clerk click client climate clinic clock close cloth cloud club coach coal coast coat code coffee coin cold college color colour
column comment common company complaint computer concert contact content contest contract control cook copper copy core corn corner cost couch count
counter county couple coupon course court cover cow crash cream credit crew crime crop cross crowd culture cup currency custom customs cycle dairy damage
dance danger dark data date deal dealer death debit debt deck deer defect degree delay demand dental depot depth desert design desk device diet digital
dinner direct dirt discount dish disk district doctor dog dollar domain door dose double doubt draft drama drawer dream dress drink drive driver drop drug
duration duty earn earth east edge editor effort egg email employee employer energy engine entry error estate euro event exam exit expense expert export
extra eye face factory fail failure fair fall fame family fan farm fashion fat father fault fee feed field figure file fill film final fine finger fire
firm fish fit flag flat fleet flight floor flow flower fly folder food foot force form former fort forum frame fraud free freight friend front fruit fuel
fund future gain game gap garage garden gas gate gear gender gift girl glass global goal gold golf goods grade grain grant grape grass green grid gross
ground group grower guard guess guest guide guy hair half hall hand hat head health heart heat height help hero high hire history hold hole holiday home
honor hope horse hospital host hot hotel house human hunt ice idea image impact import income index input insurance inventory invest invoice iron island
issue item job join joint journal judge juice jump junior jury key kid kitchen label labor labour lake land lane language late law lawyer layer lead
leader leaf league leak lease leave left legal lender length lesson letter level library license lie life lift light limit line link lion list live load
loan local location lock long loss lost lot love low loyal loyalty luck lunch machine magazine mail main male mall man manager map margin marine mark
market marriage master match material math matter meal meat media medical meeting member memory menu merchant message metal meter middle mile milk mill
mind mine minor mission mobile mode model money mood moon mother motor mouse mouth move movie museum music name nation native nature net network night
noise north note novel nurse object ocean offer office officer oil open option orange origin owner pack package page paid pain paint pair panel paper
parcel parent park part partner party pass password past path patient pay payment peace peak pen penny pension people phase phone photo piano pick piece
pipe place plan plane planet plant plate play player plot point police policy pool poor port post pot potato pound power press price pride prime print
prior prison private prize process product profile profit program project promise proof property provider public pump purpose quality quantity queen
question queue race radio rail rain range rank rate rating reach ready reason receipt record refund region rent repair reply report request rescue
reserve rest return revenue review reward rice rider ring risk river road robot role roof room root rope route rule safe safety salary sale salt sample
sand satisfaction saving scale scene school score screen sea season seat second secret sector security seed segment seller seminar senior series server
service session set sex shade shape share sheep sheet shelf shell shift ship shirt shock shoe shop short shot sick side sign signal silver singer site
size skill skin sky sleep slip slot smart smoke snow soap social sock soft soil solar son song sort soul sound source south space speaker speed spend
sport spot spring staff stage stair stake stamp stand star start state station statue status stay steak steal steel stem step stick stock stone stop
storage store storm story street strike student studio study style subject success sugar suit summer sun supplier supply support surface survey table
tail talent talk tank tape target task taste tax taxi tea teacher team tech term test text theft theme thing ticket tide tie tiger time tip tire title
toe tone tool tooth topic tour town toy track trade traffic trail train transfer transport trash travel treat tree trend trial tribe trick trip truck
trust truth tube turn twin type uncle union unit user vacation valley value van vendor venue version vessel victim video view village visit visitor voice
volume vote wage wait walk wall war ware warehouse waste watch water wave wealth weapon weather web wedding weight west wheel white widow wife wild wind
window wine wing winner winter wire wolf woman wood wool word work worker world worth wound writer yard young youth zone
state states stats cities counties countries employees hours shifts salaries wages managers heads stuff staffing churned margins profits costs prices
retention retentions portion received given
million millions thousand thousands billion hundred dozen
"""

COMMON = frozenset(_TEXT.split())
