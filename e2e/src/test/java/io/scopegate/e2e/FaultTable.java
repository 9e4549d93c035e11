package io.scopegate.e2e;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What was measured in each scenario of a run, all classes together: printed, and written to {@code
 * target/faults.md}, so that it can be copied to where it is published.
 */
final class FaultTable {
  private static final Path FILE = Path.of("target", "faults.md");
  private static final String HEAD =
      """
      | Scenario | Passed | Failed reads: until noticed, then | Lost spans | p99 before, then | Noticed after | Used again after | Of a shared limit: meanwhile, then |
      |---|---|---|---|---|---|---|---|
      """;
  private static final Map<String, List<Outcome>> ROWS = new LinkedHashMap<>();

  private FaultTable() {}

  /** One time of one scenario. */
  static final class Outcome {
    private boolean passed;
    private long failedBefore;
    private long failed;
    private long lostSpans;
    private @Nullable Duration normal;
    private @Nullable Duration then;
    private @Nullable Duration noticed;
    private @Nullable Duration usedAgain;
    private @Nullable Double meanwhile;
    private @Nullable Double healed;

    /** Reads that failed before and after the time within which the gateway has to notice. */
    void failed(long before, long after) {
      failedBefore = before;
      failed = after;
    }

    void lostSpans(long count) {
      lostSpans = count;
    }

    /** The p99 of reads when all is well. */
    void normal(Duration p99) {
      normal = p99;
    }

    /** The p99 of reads that began after the gateway had to have noticed. */
    void then(Duration p99) {
      then = p99;
    }

    /** When the last read ended that failed or took too long. */
    void noticed(Duration after) {
      noticed = after;
    }

    void usedAgain(Duration after) {
      usedAgain = after;
    }

    /** Which part of a limit that gateways share a tenant got that wants more, during the fault. */
    void meanwhile(double part) {
      meanwhile = part;
    }

    /** The same when the fault is over. */
    void healed(double part) {
      healed = part;
    }

    /** All was as it has to be. */
    void passed() {
      passed = true;
    }
  }

  /** A scenario begins once more. */
  static synchronized Outcome begin(String scenario) {
    Outcome outcome = new Outcome();
    ROWS.computeIfAbsent(scenario, name -> new ArrayList<>()).add(outcome);
    return outcome;
  }

  /** Prints and writes all that there is so far. */
  static synchronized void write() {
    StringBuilder text = new StringBuilder(HEAD);
    ROWS.forEach((scenario, all) -> text.append(row(scenario, all)));
    Scratch.write(FILE, text.toString());
    System.out.println(text);
  }

  private static String row(String scenario, List<Outcome> all) {
    return "| %s | %d of %d | %d, %d | %d | %s, %s | %s | %s | %s, %s |\n"
        .formatted(
            scenario,
            all.stream().filter(one -> one.passed).count(),
            all.size(),
            all.stream().mapToLong(one -> one.failedBefore).sum(),
            all.stream().mapToLong(one -> one.failed).sum(),
            all.stream().mapToLong(one -> one.lostSpans).sum(),
            millis(all, one -> one.normal),
            millis(all, one -> one.then),
            seconds(all, one -> one.noticed),
            seconds(all, one -> one.usedAgain),
            percent(all, one -> one.meanwhile),
            percent(all, one -> one.healed));
  }

  private static String millis(List<Outcome> all, Function<Outcome, @Nullable Duration> one) {
    return middleAndMost(all, one, time -> Long.toString(time.toMillis()), "ms");
  }

  private static String seconds(List<Outcome> all, Function<Outcome, @Nullable Duration> one) {
    return middleAndMost(
        all, one, time -> String.format(Locale.ROOT, "%.1f", time.toMillis() / 1e3), "s");
  }

  private static String percent(List<Outcome> all, Function<Outcome, @Nullable Double> one) {
    return middleAndMost(all, one, part -> Long.toString(Math.round(part * 100)), "%");
  }

  /** The median and the largest, where there are several. */
  private static <T extends Comparable<T>> String middleAndMost(
      List<Outcome> all,
      Function<Outcome, @Nullable T> one,
      Function<T, String> number,
      String unit) {
    List<T> sorted = all.stream().map(one).flatMap(Stream::ofNullable).sorted().toList();
    if (sorted.isEmpty()) {
      return "–";
    }
    String middle = number.apply(sorted.get((sorted.size() - 1) / 2));
    String most = number.apply(sorted.get(sorted.size() - 1));
    return middle + (sorted.size() == 1 ? "" : " (" + most + ")") + " " + unit;
  }
}
