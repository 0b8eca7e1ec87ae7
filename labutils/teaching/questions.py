"""The quiz questions at the end of each notebook, with the reason for every option.

Notebook: 01 to 05, the last section.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes:
        text: what is asked.
        options: answer -> why it is right or wrong, in the order in which they are shown.
        right: number of the right option, from 0.
    """

    text: str
    options: dict[str, str]
    right: int


QUESTIONS = {
    "01_spectrograms": (
        Question(
            "You double n_fft and keep the hop. What happens to the rows and columns of the spectrogram?",
            {
                "Both double.": "More columns would need a shorter hop as well.",
                "The rows double, the columns stay nearly the same.": (
                    "Rows are N/2 + 1. Columns depend on the hop; only the end of the clip loses one or two."
                ),
                "The rows stay, the columns halve.": "That is what doubling the hop does, with the window unchanged.",
            },
            1,
        ),
        Question(
            "A clip is played at half the amplitude. Its spectrogram in dB ...",
            {
                "is halved": "A level is a logarithm: a factor of the amplitude becomes a difference of levels.",
                "loses about 6 dB wherever it is above the floor": "20 · log10(0.5) is about -6, for every number alike.",
                "does not change": (
                    "That would hold only if each clip were normalised by itself, and we avoid that: loudness helps."
                ),
            },
            1,
        ),
        Question(
            "Why does the lab not normalise each of the four channels by itself?",
            {
                "It would be slower.": "A little, but nobody would notice.",
                "The decibels would become complex numbers.": "Levels stay real, whatever is subtracted.",
                "It would erase which wall was hit.": "The difference between the channels is the information.",
            },
            2,
        ),
    ),
    "02_resnet_classifier": (
        Question(
            "Your validation accuracy is far above that of a colleague with the same network. What do you check first?",
            {
                "the learning rate": "It changes how fast and how well a network trains, but hardly by so much.",
                "the split": "A leaking split can add a lot without any learning: the test clips have twins in training.",
                "the number of parameters": "It is the same network, so the number is the same.",
            },
            1,
        ),
        Question(
            "Why does the shortcut of option A need no parameters?",
            {
                "It only picks pixels and adds channels of zeros.": "Nothing in that can be learned, so nothing has to be.",
                "Its weights are shared with F.": "There is nothing to share: no product is taken.",
                "Batch norm replaces them.": "The batch norms belong to F; the shortcut goes around them.",
            },
            0,
        ),
        Question(
            "Four folds give 0.90, 0.99, 0.97 and 0.94. Which sentence is right?",
            {
                "The accuracy is 0.99.": "That picks the best day. Tomorrow need not be one.",
                "About 0.95, give or take some hundredths.": "The mean, with the spread of the days: that is what is known.",
                "The first fold is broken.": "Days differ. A fold is evidence, not an accident, unless you find a reason.",
            },
            1,
        ),
    ),
    "03_centroids_and_contrastive_mlp": (
        Question(
            "Another pair (Y = 0) lies at D = 12, and the margin is m = 10. Its gradient ...",
            {
                "pushes it further apart": "That holds for D < m only.",
                "is zero": "Beyond the margin the hinge is flat: such a pair is left in peace.",
                "pulls it back to D = m": "That would need a term that punishes too large distances, and there is none.",
            },
            1,
        ),
        Question(
            "You train with true pairs only. The towers will ...",
            {
                "map everything to one point": "Then every D is 0: the smallest possible loss, and useless.",
                "learn the same, but more slowly": "Nothing pushes any pair apart, so nothing stops the collapse.",
                "not change at all": "True pairs have a gradient: they pull.",
            },
            0,
        ),
        Question(
            "You split clips at random instead of sessions. The accuracy of the pairs would look ...",
            {
                "the same": "That is what one hopes for. But neighbouring clips share a day and often a place on the tray.",
                "better than it is": "The towers would have met the twins of their test clips.",
                "worse than it is": "There is no reason for that: a twin in training only helps.",
            },
            1,
        ),
    ),
    "04_hungarian_matching": (
        Question(
            "You add 5 to every entry of one row of the distance matrix. What happens to the best assignment?",
            {
                "nothing": "Every assignment uses exactly one entry of the row, so all totals grow by 5.",
                "that sound is matched last": "There is no order in the solution.",
                "that sound stays unmatched": (
                    "Only a threshold can leave it unmatched. It would: it looks at the distance itself."
                ),
            },
            0,
        ),
        Question(
            "90 % of the sounds and 90 % of the videos get the right class, independently. The towers are perfect. Roughly "
            "which accuracy is possible with a hard class split?",
            {
                "90 %": "That forgets one of the two classifiers.",
                "81 %": "Both classes must be right: 0.9 x 0.9.",
                "100 %": "That forgets both: where a class is wrong, perfect towers never see the pair.",
            },
            1,
        ),
        Question(
            "Why not choose the threshold that gives the best score on the test groups?",
            {
                "It takes too long.": "It takes a second.",
                "The score would then promise more than new groups will give.": (
                    "A choice made on the test data fits their accidents too."
                ),
                "The threshold would become negative.": "Distances are never negative, and neither is a sensible threshold.",
            },
            1,
        ),
    ),
    "05_contact_maps": (
        Question(
            "You double the factor β of a trained map by hand. What changes in task 2, maps alone, with one lag?",
            {
                "nothing": "All scores double, so the best assignment stays the best.",
                "fewer answers are right": "For that, the order of the totals would have to change.",
                "more sounds stay unmatched": (
                    "In task 2 nothing stays unmatched. In task 3 it could happen, until you calibrate again."
                ),
            },
            0,
        ),
        Question(
            "A true pair has the class term -6 and +14 from the maps; its best rival has +2 and +3. Which one wins, with "
            "weights of 1?",
            {
                "the rival, because the classes differ": "That is what a hard split does.",
                "the true pair": "14 - 6 = 8 against 3 + 2 = 5: a clear map pays for a wrong class.",
                "neither": "In a complete group one of them must win.",
            },
            1,
        ),
        Question(
            "You calibrate on the clips that trained the maps. What goes wrong?",
            {
                "Nothing: the regression is linear.": "A linear rule too learns what it is shown: the wrong thing.",
                "The system becomes too sure of itself.": (
                    "On clips it knows, the map separates pairs far better than on new ones."
                ),
                "The weights become negative.": "A good score keeps a positive weight.",
            },
            1,
        ),
    ),
}
