"""Function words of languages for which no rarity table is shipped: they tell nothing of the news."""

FUNCTION_WORDS = {
    "en": "a an the and or but if of to in on at by for with from as is are was were be been has have had"
    " it its he she they we you i his her their our your this that these those not no do does did will"
    " would can could may might should than then so such there here when where which who whom what why"
    " how all any both each more most other some only own same too very just also into about after"
    " before over under again between during out up down off him them me my us said say",
    "es": "el la los las un una unos unas de del al a ante con contra desde en entre hacia hasta para por"
    " según sin sobre tras y e o u ni que qué como cómo cuando donde quien cual cuyo si no sí se su sus"
    " lo le les me te nos mi tu este esta estos estas ese esa eso aquel aquella es son era eran fue"
    " fueron ser sido está están estaba ha han había haber hay más menos muy ya también pero sino aunque"
    " porque pues mientras todo toda todos todas otro otra otros otras mismo dos tres entonces así sólo"
    " solo cada tan tanto qué tiene tienen ante durante dijo",
    "fr": "le la les l un une des de du d au aux à en dans sur sous avec sans par pour contre entre vers"
    " chez et ou où mais donc or ni car que qui quoi dont quand comme si ne n pas plus moins très se s"
    " ce c cet cette ces son sa ses leur leurs notre nos votre vos mon ma mes il elle ils elles on nous"
    " vous je j y est sont était étaient être été a ont avait avaient avoir fait faire selon après avant"
    " depuis pendant aussi ainsi tout toute tous toutes autre autres même deux trois encore lors alors"
    " qu jusqu aujourd hui",
    "de": "der die das den dem des ein eine einen einem einer eines und oder aber in im an am auf aus bei"
    " beim mit nach von vom vor zu zum zur über unter für gegen ohne um durch bis seit ist sind war"
    " waren wird werden wurde wurden hat haben hatte nicht auch nur noch schon sich er sie es wir ihr"
    " ich als wie wenn dass daß so sein seine ihre dieser diese dieses mehr nach sowie",
    "it": "il lo la i gli le un uno una di del dello della dei degli delle a al allo alla ai agli alle da"
    " dal dalla in nel nella nei con su sul sulla per tra fra e o ma che chi cui come quando dove se non"
    " si è sono era erano ha hanno aveva essere stato anche più già suo sua suoi loro questo questa",
    "pt": "o a os as um uma de do da dos das em no na nos nas por pelo pela para com sem sobre e ou mas que"
    " quem como quando onde se não é são era foi foram ser ter tem há mais já também seu sua seus suas"
    " ao aos à às entre até este esta isso",
    "ru": "и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по только ее мне"
    " было вот от меня еще нет о из ему теперь когда даже ну ли если уже или ни быть был него до вас"
    " они тут где есть для мы тебя их чем была сам чтоб без будто чего раз тоже себя под будет тогда кто"
    " этот того потому этого какой ним здесь этом один почти мой тем чтобы нее были куда всех никогда при"
    " об после над больше тот через эти нас про них какая много три эту моя свою этой перед это также"
    " который которые которая",
    "ar": "في من على إلى عن مع أن إن كان كانت هذا هذه ذلك تلك التي الذي الذين ما لا لم لن قد كما بعد قبل"
    " بين كل أو ثم حتى هو هي هم أي عند غير خلال حول منذ لكن إذا وقد قال وقال أنه أنها به بها له لها فيه"
    " فيها عليه عليها منه منها وفي ومن يوم نحو",
    "zh": "的 是 在 了 和 有 我 他 她 它 们 这 那 也 都 就 与 对 为 将 被 一个 表示 没有 他们 我们 这个 可以",
}
"""Words by ISO 639-1 language, written down by hand; they are folded before use."""
