package io.scopegate.gateway.telemetry;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Durations in buckets of both kinds: a few with given bounds (classic), and one for each eighth of
 * a power of two (native, schema 3). Takes no lock, and allocates only what is seen for the first
 * time. An exemplar of each classic bucket is kept, which is replaced once a second at most.
 *
 * <p>What is counted are cells: a native bucket, or its two parts where a classic bound is within.
 * Buckets of both kinds are sums of the same cells, so that both have the same number of durations
 * however many are added while they are read: the exposition refuses to write others.
 *
 * @see <a href="https://prometheus.io/docs/specs/native_histograms/">Native histograms</a>
 */
final class DurationHistogram {
  /** So many native buckets for each power of two, as a power of two itself. */
  static final int SCHEMA = 3;

  private static final int PER_OCTAVE = 1 << SCHEMA;

  /** The lowest native bucket ends at 2^-17 s, 8 µs; what is shorter is in it. */
  private static final int LOWEST = -17 * PER_OCTAVE;

  /** The highest ends at 2^12 s, more than an hour; what is longer is in it. */
  private static final int HIGHEST = 12 * PER_OCTAVE;

  private static final double[] BOUNDS = {
    0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60, Double.POSITIVE_INFINITY
  };

  /** Where the buckets between a half and one end. */
  private static final double[] MANTISSAS = mantissas();

  private static final double NANOS = 1e9;
  private static final long EXEMPLAR_MILLIS = 1_000;

  private static final int NATIVE_BUCKETS = HIGHEST - LOWEST + 1;

  /** The classic bucket in which each native one begins. */
  private static final int[] CLASSIC = classic();

  private final AtomicReferenceArray<@Nullable LongAdder> cells =
      new AtomicReferenceArray<>(2 * NATIVE_BUCKETS);
  private final AtomicReferenceArray<@Nullable Exemplar> exemplars =
      new AtomicReferenceArray<>(BOUNDS.length);
  private final LongAdder sumNanos = new LongAdder();
  private final long createdMillis = System.currentTimeMillis();

  private static double[] mantissas() {
    double[] ends = new double[PER_OCTAVE];
    for (int i = 0; i < PER_OCTAVE; i++) {
      ends[i] = Math.pow(2, (double) (i - PER_OCTAVE) / PER_OCTAVE);
    }
    return ends;
  }

  private static int[] classic() {
    int[] begins = new int[NATIVE_BUCKETS];
    for (int i = 1; i < NATIVE_BUCKETS; i++) {
      begins[i] = classic(Math.nextUp(end(i - 1)));
    }
    return begins;
  }

  private static int classic(double seconds) {
    int bucket = 0;
    while (seconds > BOUNDS[bucket]) {
      bucket++;
    }
    return bucket;
  }

  /** The longest duration of a native bucket. */
  private static double end(int bucket) {
    int index = bucket + LOWEST;
    int octave = Math.floorDiv(index, PER_OCTAVE);
    return Math.scalb(MANTISSAS[index - octave * PER_OCTAVE], octave + 1);
  }

  /**
   * A duration.
   *
   * @param nanos a negative one counts as 0
   * @param span a span that took so long; null for none
   */
  void add(long nanos, @Nullable TraceParent span) {
    long taken = Math.max(0, nanos);
    double seconds = taken / NANOS;
    int bucket = classic(seconds);
    int within = index(seconds) - LOWEST;
    cell(2 * within + bucket - CLASSIC[within]).increment();
    sumNanos.add(taken);
    if (span != null) {
      addExemplar(bucket, seconds, span);
    }
  }

  /** One a second is more than any scrape sees. */
  private void addExemplar(int bucket, double seconds, TraceParent span) {
    long now = System.currentTimeMillis();
    Exemplar last = exemplars.get(bucket);
    if (last != null && now - last.getTimestampMillis() < EXEMPLAR_MILLIS) {
      return;
    }
    exemplars.set(
        bucket,
        Exemplar.builder()
            .value(seconds)
            .traceId(TraceParent.traceId(span.high(), span.low()))
            .spanId(TraceParent.spanId(span.span()))
            .timestampMillis(now)
            .build());
  }

  /**
   * The native bucket of a duration: the lowest with {@code seconds <= 2^(index / 8)}, as far as
   * there are buckets.
   */
  static int index(double seconds) {
    if (seconds < Double.MIN_NORMAL) {
      return LOWEST;
    }
    int exponent = Math.getExponent(seconds) + 1;
    double mantissa = Math.scalb(seconds, -exponent); // from a half to one
    int within = 0;
    while (within < PER_OCTAVE && mantissa > MANTISSAS[within]) {
      within++;
    }
    int index = (exponent - 1) * PER_OCTAVE + within;
    return Math.max(LOWEST, Math.min(HIGHEST, index));
  }

  private LongAdder cell(int at) {
    LongAdder known = cells.get(at);
    if (known != null) {
      return known;
    }
    cells.compareAndSet(at, null, new LongAdder());
    return Objects.requireNonNull(cells.get(at), "cell");
  }

  /** All of it, with these labels. */
  HistogramDataPointSnapshot snapshot(Labels labels) {
    long[] few = new long[BOUNDS.length];
    NativeHistogramBuckets.Builder many = NativeHistogramBuckets.builder();
    for (int i = 0; i < NATIVE_BUCKETS; i++) {
      long lower = counted(2 * i);
      long upper = counted(2 * i + 1);
      if (lower + upper > 0) {
        many.bucket(i + LOWEST, lower + upper);
        few[CLASSIC[i]] += lower;
        few[Math.min(CLASSIC[i] + 1, few.length - 1)] += upper;
      }
    }
    return HistogramDataPointSnapshot.builder()
        .labels(labels)
        .classicHistogramBuckets(classicBuckets(few))
        .nativeSchema(SCHEMA)
        .nativeBucketsForPositiveValues(many.build())
        .sum(sumNanos.sum() / NANOS)
        .exemplars(Exemplars.of(exemplars()))
        .createdTimestampMillis(createdMillis)
        .build();
  }

  private long counted(int at) {
    LongAdder known = cells.get(at);
    return known == null ? 0 : known.sum();
  }

  private static ClassicHistogramBuckets classicBuckets(long[] counts) {
    ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
    for (int i = 0; i < counts.length; i++) {
      buckets.bucket(BOUNDS[i], counts[i]);
    }
    return buckets.build();
  }

  private List<Exemplar> exemplars() {
    List<Exemplar> all = new ArrayList<>();
    for (int i = 0; i < exemplars.length(); i++) {
      Exemplar one = exemplars.get(i);
      if (one != null) {
        all.add(one);
      }
    }
    return all;
  }
}
