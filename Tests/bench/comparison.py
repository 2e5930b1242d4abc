"""Ours beside the peers: ratios to the best peer, and Markdown tables of them."""
import math

OURS = "ours"


def ratio(row):
    """Ours over the smallest of the others: below 1 ours is best. None without others."""
    others = [value for name, value in row.items() if name != OURS]
    return row[OURS] / min(others) if others else None


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def mean_ratio(rows):
    """Geometric mean of the rows' ratios; None if there are none."""
    ratios = [ratio(row) for row in rows.values() if ratio(row)]
    return geometric_mean(ratios) if ratios else None


def markdown(titles, rows):
    lines = [titles, ["---"] + ["---:"] * (len(titles) - 1), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def comparison_table(rows, show):
    """rows: {network: {"ours": value, peer: value}}; show turns a network's value into text. The best of
    a row is bold."""
    names = list(next(iter(rows.values())))
    lines = []
    for network, row in rows.items():
        least = min(row.values())
        cells = [
            f"**{show(network, name)}**" if row[name] == least else show(network, name)
            for name in names]
        found = ratio(row)
        lines.append([network, *cells, f"{found:.2f}" if found else "-"])
    mean = mean_ratio(rows)
    lines.append(["geometric mean", *[""] * len(names), f"{mean:.2f}" if mean else "-"])
    return markdown(["network", *names, "ours / best peer"], lines)
