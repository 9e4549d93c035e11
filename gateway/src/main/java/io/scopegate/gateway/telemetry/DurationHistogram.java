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

  private final LongAdder[] classic = new LongAdder[BOUNDS.length];
  private final AtomicReferenceArray<@Nullable LongAdder> fine =
      new AtomicReferenceArray<>(HIGHEST - LOWEST + 1);
  private final AtomicReferenceArray<@Nullable Exemplar> exemplars =
      new AtomicReferenceArray<>(BOUNDS.length);
  private final LongAdder sumNanos = new LongAdder();
  private final long createdMillis = System.currentTimeMillis();

  DurationHistogram() {
    for (int i = 0; i < classic.length; i++) {
      classic[i] = new LongAdder();
    }
  }

  private static double[] mantissas() {
    double[] ends = new double[PER_OCTAVE];
    for (int i = 0; i < PER_OCTAVE; i++) {
      ends[i] = Math.pow(2, (double) (i - PER_OCTAVE) / PER_OCTAVE);
    }
    return ends;
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
    int bucket = 0;
    while (seconds > BOUNDS[bucket]) {
      bucket++;
    }
    classic[bucket].increment();
    fine(index(seconds)).increment();
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

  private LongAdder fine(int index) {
    int at = index - LOWEST;
    LongAdder known = fine.get(at);
    if (known != null) {
      return known;
    }
    fine.compareAndSet(at, null, new LongAdder());
    return Objects.requireNonNull(fine.get(at), "bucket");
  }

  /** All of it, with these labels. */
  HistogramDataPointSnapshot snapshot(Labels labels) {
    ClassicHistogramBuckets.Builder few = ClassicHistogramBuckets.builder();
    for (int i = 0; i < BOUNDS.length; i++) {
      few.bucket(BOUNDS[i], classic[i].sum());
    }
    NativeHistogramBuckets.Builder many = NativeHistogramBuckets.builder();
    for (int i = 0; i < fine.length(); i++) {
      LongAdder counted = fine.get(i);
      if (counted != null) {
        many.bucket(i + LOWEST, counted.sum());
      }
    }
    return HistogramDataPointSnapshot.builder()
        .labels(labels)
        .classicHistogramBuckets(few.build())
        .nativeSchema(SCHEMA)
        .nativeBucketsForPositiveValues(many.build())
        .sum(sumNanos.sum() / NANOS)
        .exemplars(Exemplars.of(exemplars()))
        .createdTimestampMillis(createdMillis)
        .build();
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
