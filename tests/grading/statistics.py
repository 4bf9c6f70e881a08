"""The figures of the report, from scores in [0, 1]. Everything is seeded."""
import math
import re

import numpy

SEED = 20261128


def correlation(a, b):
    """Pearson's r; 0 where one side does not vary."""
    a, b = numpy.asarray(a, float), numpy.asarray(b, float)
    if len(a) < 2 or a.std() == 0 or b.std() == 0:
        return 0.0
    return float(numpy.corrcoef(a, b)[0, 1])


def rmse(a, b):
    return float(math.sqrt(numpy.mean((numpy.asarray(a) - numpy.asarray(b)) ** 2)))


def by_question(questions):
    """Indices of each question's answers, in the questions' order of appearance."""
    places = {}
    for i, question in enumerate(questions):
        places.setdefault(question, []).append(i)
    return [numpy.array(p) for p in places.values()]


def agreement(scores, targets, questions, scale=5, samples=1000):
    """r and RMSE pooled, the median of r per question, and 95 % intervals by drawing questions."""
    scores, targets = numpy.asarray(scores, float), numpy.asarray(targets, float)
    groups = by_question(questions)
    # Questions whose answers all have one grade or one score have no r of their own.
    own = [correlation(scores[g], targets[g]) for g in groups if scores[g].std() > 0 and targets[g].std() > 0]
    random = numpy.random.default_rng(SEED)
    drawn = []
    for _ in range(samples):
        at = numpy.concatenate([groups[i] for i in random.integers(0, len(groups), len(groups))])
        drawn.append((correlation(scores[at], targets[at]), scale * rmse(scores[at], targets[at])))
    low, high = numpy.percentile(numpy.array(drawn), [2.5, 97.5], axis=0)
    return {"r": correlation(scores, targets), "rmse": scale * rmse(scores, targets),
            "median_r": float(numpy.median(own)) if own else 0.0, "r_95": [float(low[0]), float(high[0])],
            "rmse_95": [float(low[1]), float(high[1])], "answers": len(scores), "questions": len(groups)}


def classification(predicted, actual):
    """Accuracy, macro and weighted F1 over the labels that occur."""
    labels = sorted(set(actual))
    f1, support = [], []
    for label in labels:
        hit = sum(p == a == label for p, a in zip(predicted, actual))
        said = sum(p == label for p in predicted)
        there = sum(a == label for a in actual)
        f1.append(2 * hit / (said + there) if said + there else 0.0)
        support.append(there)
    right = sum(p == a for p, a in zip(predicted, actual))
    return {"accuracy": right / len(actual), "macro_f1": sum(f1) / len(f1),
            "weighted_f1": sum(f * s for f, s in zip(f1, support)) / sum(support), "answers": len(actual)}


def best_threshold(scores, correct):
    """The score from which on an answer is called correct with the best macro F1."""
    scores, correct = numpy.asarray(scores), numpy.asarray(correct)
    best, at = -1.0, 0.5
    for threshold in numpy.arange(0.02, 1.0, 0.01):
        said = scores >= threshold
        parts = []
        for label in (True, False):
            hit = numpy.sum((said == label) & (correct == label))
            total = numpy.sum(said == label) + numpy.sum(correct == label)
            parts.append(2 * hit / total if total else 0.0)
        if sum(parts) > best:
            best, at = sum(parts), float(threshold)
    return at


def linear(scores, targets, folds):
    """Scores brought to the graders' scale by a line that is fitted on the other folds."""
    scores, targets, folds = numpy.asarray(scores, float), numpy.asarray(targets, float), numpy.asarray(folds)
    out = numpy.zeros(len(scores))
    for fold in sorted(set(folds)):
        known = folds != fold
        slope, offset = numpy.polyfit(scores[known], targets[known], 1)
        out[~known] = numpy.clip(offset + slope * scores[~known], 0, 1)
    return out


def words(text):
    return re.findall(r"[a-z0-9]+", text.lower())


def tfidf_cosine(rows):
    """Cosine of the answer and its nearest reference; idf over questions and references alone."""
    texts = {" ".join(words(t)) for row in rows for t in [row["question"], *row["references"]]}
    seen = {}
    for text in texts:
        for word in set(text.split()):
            seen[word] = seen.get(word, 0) + 1
    idf = {word: math.log((1 + len(texts)) / (1 + n)) + 1 for word, n in seen.items()}
    unseen = math.log(1 + len(texts)) + 1

    def vector(text):
        out = {}
        for word in words(text):
            out[word] = out.get(word, 0) + 1
        return {w: (1 + math.log(n)) * idf.get(w, unseen) for w, n in out.items()}

    def cosine(a, b):
        norm = math.sqrt(sum(v * v for v in a.values()) * sum(v * v for v in b.values()))
        return sum(v * b.get(w, 0) for w, v in a.items()) / norm if norm else 0.0

    return [max(cosine(vector(row["answer"]), vector(r)) for r in row["references"]) for row in rows]


def rouge_l(rows):
    """F1 of the longest common subsequence with the nearest reference."""

    def longest(a, b):
        row = [0] * (len(b) + 1)
        for x in a:
            before = 0
            for j, y in enumerate(b):
                before, row[j + 1] = row[j + 1], before + 1 if x == y else max(row[j + 1], row[j])
        return row[-1]

    def f1(answer, reference):
        a, b = words(answer), words(reference)
        common = longest(a, b)
        return 2 * common / (len(a) + len(b)) if a and b else 0.0

    return [max(f1(row["answer"], r) for r in row["references"]) for row in rows]
