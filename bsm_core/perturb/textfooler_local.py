"""``textfooler-local``: TextFooler's search with what can be packaged, under a name of its own."""

from __future__ import annotations

from functools import cache

from textattack import Attack
from textattack.constraints import Constraint, PreTransformationConstraint
from textattack.constraints.pre_transformation import RepeatModification, StopwordModification
from textattack.goal_functions import UntargetedClassification
from textattack.search_methods import GreedyWordSwapWIR
from textattack.transformations import WordSwapEmbedding

from bsm_core.errors import PerturbationError
from bsm_core.perturb import polarity, tagging, vectors
from bsm_core.perturb.ingredients import Ingredients
from bsm_core.perturb.meanings import Meanings
from bsm_core.perturb.names import Names
from bsm_core.perturb.sentences import SameSentence
from bsm_core.perturb.swaps import NEIGHBORS, GuardedNeighbors
from bsm_core.perturb.word_lists import listed_words
from bsm_core.perturb.wrapper import ClassifierWrapper


def textfooler_local(wrapper: ClassifierWrapper, ingredients: Ingredients | None = None) -> Attack:
    """TextFooler's search with what can be packaged. **Not** TextFooler: its figures are its own.

    | | TextFooler | here |
    |---|---|---|
    | search, stop words, one change a word | greedy, by deletion | the same |
    | neighbors | 50 counter-fitted, cosine >= .5 | 50 of GloVe 6B 50d, cosine >= .5, and what ``swaps`` guards |
    | sentence | USE, 15 words around, texts under 15 words pass | MiniLM, whole texts against the original |
    | part of speech | NLTK, noun for verb allowed | a perceptron, the form of a verb must stay |
    | pairs | in entailment only the hypothesis | the same, by ``domain.unknowns.usual_side`` |

    How often it breaks the label was judged by reading: docs/textfooler-local-reading.csv has every pair, and
    docs/attacks.md the figures. Many texts read badly all the same: "the film lacks" becomes "the film lack".

    Raises PerturbationError without ``ingredients``, AssetError for a missing or altered package.
    """
    if ingredients is None:
        raise PerturbationError("the recipe textfooler-local was given no word vectors and no sentence encoder")
    neighbors, tagger, sentence = local_parts(ingredients)
    constraints: list[Constraint | PreTransformationConstraint] = [
        RepeatModification(),
        StopwordModification(stopwords=set(listed_words("textfooler_stop_words.txt"))),
        tagging.SamePartOfSpeech(tagger),
        sentence,
    ]
    transformation = WordSwapEmbedding(max_candidates=NEIGHBORS, embedding=neighbors)
    search = GreedyWordSwapWIR(wir_method="delete")
    return Attack(UntargetedClassification(wrapper), constraints, transformation, search)


@cache
def local_parts(ingredients: Ingredients) -> tuple[GuardedNeighbors, tagging.PerceptronTagger, SameSentence]:
    """Loaded once a process: they take some seconds, and hold nothing of an attack but caches."""
    # All assets first: a missing one is told at once.
    glove, vader, tags = (ingredients.asset_path(name) for name in (vectors.ASSET, polarity.ASSET, tagging.ASSET))
    embedder = ingredients.load_embedder()
    meanings, tagger = Meanings(vectors.WordVectors(glove), embedder), tagging.PerceptronTagger(tags)
    neighbors = GuardedNeighbors(meanings, polarity.Polarity(vader, meanings), Names(tagger, meanings), tagger)
    return neighbors, tagger, SameSentence(embedder)
