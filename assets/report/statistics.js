// The tests of analyze/statistics for picked pairs; the page's test holds them against the Rust ones.

// ln of the gamma function for x > 0 (Lanczos, g = 7, nine terms).
function lnGamma(x) {
  const terms = [0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7];
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - lnGamma(1 - x);
  const t = x - 1 + 7.5;
  const sum = terms.reduce((sum, term, i) => (i === 0 ? term : sum + term / (x - 1 + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

// The regularised incomplete beta function by its continued fraction (Lentz), Abramowitz and Stegun 26.5.8.
function incompleteBeta(a, b, x) {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, 1 - x);
  const front = Math.exp(lnGamma(a + b) - lnGamma(a) - lnGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a;
  const away = (value) => (Math.abs(value) < 1e-300 ? 1e-300 : value);
  let [c, d] = [1, 1 / away(1 - ((a + b) * x) / (a + 1))];
  let product = d;
  for (let m = 1; m <= 1000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    let step = 1;
    for (const term of [even, odd]) {
      d = 1 / away(1 + term * d);
      c = away(1 + term / c);
      step = d * c;
      product *= step;
    }
    if (Math.abs(step - 1) < 1e-15) break;
  }
  return front * product;
}

// P(|T| >= |t|) of Student's t.
function studentTwoSided(t, df) {
  const square = t * t;
  return square < 1 ? 1 - incompleteBeta(0.5, df / 2, square / (df + square)) : incompleteBeta(df / 2, 0.5, df / (df + square));
}

function studentCdf(t, df) {
  const tail = 0.5 * studentTwoSided(t, df);
  return t > 0 ? 1 - tail : tail;
}

// The t with P(T <= t) = p for p >= 0.5, by halving.
function studentQuantile(p, df) {
  let [low, high] = [0, 1];
  while (studentCdf(high, df) < p) high *= 2;
  for (let i = 0; i < 100; i += 1) {
    const middle = (low + high) / 2;
    if (studentCdf(middle, df) < p) low = middle;
    else high = middle;
  }
  return high;
}

function meanAndSd(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: values.length > 1 ? Math.sqrt(square / (values.length - 1)) : null };
}

// The corrected resampled t (Nadeau and Bengio 2003) of fold-wise differences, with the probabilities of the correlated
// t-test (Corani and Benavoli 2015); null below two folds.
function correctedT(differences, ratio, rope, level) {
  const n = differences.length;
  if (n < 2) return null;
  const { mean, sd } = meanAndSd(differences);
  const error = sd * Math.sqrt(1 / n + ratio);
  // Equal up to rounding: there is no variance to judge by, and only differences that are all 0 say anything.
  if (sd <= Math.max(1e-14, 1e-10 * Math.abs(mean))) {
    const nothing = sd <= 1e-14 && Math.abs(mean) <= 1e-14;
    const [none, all] = nothing ? [0, 1] : [null, null];
    return { n, mean, low: none, high: none, p: 1, below: none, above: none, within: all };
  }
  const reach = studentQuantile(0.5 + level / 2, n - 1) * error;
  const below = studentCdf((-rope - mean) / error, n - 1);
  const above = studentCdf((mean - rope) / error, n - 1);
  const p = studentTwoSided(mean / error, n - 1);
  return { n, mean, low: mean - reach, high: mean + reach, p, below, above, within: Math.max(0, 1 - below - above) };
}

// Holm's step-down correction (Holm 1979), in the order given.
function holm(p) {
  const order = p.map((_, i) => i).sort((a, b) => p[a] - p[b]);
  const adjusted = Array(p.length).fill(0);
  let least = 0;
  order.forEach((i, place) => {
    least = Math.max(least, Math.min(1, (p.length - place) * p[i]));
    adjusted[i] = least;
  });
  return adjusted;
}
