package io.scopegate.gateway.probe;

import io.scopegate.gateway.forward.UpstreamConfig;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.telemetry.UpstreamStates;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks all upstreams at start, now and then, and after a reload; tells the log, the metrics and
 * readiness what it found. One round at a time, in which each upstream gets two requests at most.
 * What is logged is what has changed. For any thread; it works on an event loop of its own context.
 */
public final class UpstreamChecks {
  private static final Logger LOG = LoggerFactory.getLogger(UpstreamChecks.class);

  /** While something is wrong, the first wait; it doubles up to a minute. */
  private static final long FIRST_WAIT_MILLIS = 5_000;

  private static final long LONGEST_WAIT_MILLIS = 60_000;

  /** Replicas that started together do not ask together for ever. */
  private static final double JITTER = 0.2;

  private final Vertx vertx;
  private final Supplier<Plan> plan;
  private final ServerFinder servers;
  private final UpstreamStates states;
  private final Reaction reaction;
  private final Map<String, UpstreamReport> known = new LinkedHashMap<>();
  private long waitMillis = FIRST_WAIT_MILLIS;
  private long timer = -1;
  private boolean running;
  private boolean again;
  private boolean closed;

  /** What is checked, read from the configuration in force. */
  public record Plan(
      Map<String, UpstreamConfig> upstreams,
      Map<String, ListenerConfig> listeners,
      UpstreamChecksConfig config) {
    Map<String, UpstreamUse> uses() {
      return config.isOn() ? UpstreamUse.of(upstreams, listeners) : Map.of();
    }
  }

  /** Who reacts to what is found. */
  public interface Reaction {
    /**
     * After each round.
     *
     * @param reasons why no traffic is welcome; empty when it is
     * @param warnings what is wrong all the same
     */
    void found(List<String> reasons, List<String> warnings);
  }

  /** Checks that have not begun. */
  public UpstreamChecks(
      Vertx vertx,
      Supplier<Plan> plan,
      ServerFinder servers,
      UpstreamStates states,
      Reaction reaction) {
    this.vertx = vertx;
    this.plan = plan;
    this.servers = servers;
    this.states = states;
    this.reaction = reaction;
  }

  /**
   * Asks each upstream that a listener leads to, once.
   *
   * @param servers finds the servers of those whose URLs do not name them
   * @param timeout of each question
   * @return completes with a report for each; never fails
   */
  public static Future<List<UpstreamReport>> once(
      Vertx vertx,
      Map<String, UpstreamConfig> upstreams,
      Map<String, ListenerConfig> listeners,
      ServerFinder servers,
      Duration timeout) {
    List<Future<UpstreamReport>> asked = new ArrayList<>();
    UpstreamUse.of(upstreams, listeners)
        .forEach((name, use) -> asked.add(UpstreamProbe.ask(vertx, name, use, servers, timeout)));
    return Future.join(asked).map(done -> asked.stream().map(Future::result).toList());
  }

  /** Checks now, or once more when a round is under way. */
  public synchronized void check() {
    if (closed) {
      return;
    }
    if (running) {
      again = true;
      return;
    }
    running = true;
    vertx.cancelTimer(timer);
    Plan now = plan.get();
    Duration timeout = now.config().timeout();
    List<Future<UpstreamReport>> asked = new ArrayList<>();
    now.uses()
        .forEach((name, use) -> asked.add(UpstreamProbe.ask(vertx, name, use, servers, timeout)));
    Future.join(asked).onComplete(done -> ended(now, asked));
  }

  /** Checks no more. */
  public synchronized void close() {
    closed = true;
    vertx.cancelTimer(timer);
  }

  private synchronized void ended(Plan asked, List<Future<UpstreamReport>> reports) {
    running = false;
    if (closed) {
      return;
    }
    take(reports.stream().filter(Future::succeeded).map(Future::result).toList());
    tell(asked.config());
    if (again) {
      again = false;
      check();
    } else if (asked.config().isOn()) {
      timer = vertx.setTimer(nextWait(asked.config().interval().toMillis()), id -> check());
    }
  }

  private void take(List<UpstreamReport> reports) {
    Map<String, UpstreamReport> before = new LinkedHashMap<>(known);
    known.clear();
    for (UpstreamReport report : reports) {
      UpstreamReport old = before.get(report.upstream());
      logChange(old, report);
      known.put(report.upstream(), remembering(old, report));
    }
  }

  /** What an upstream that is away now was before, it may still be. */
  private static UpstreamReport remembering(@Nullable UpstreamReport old, UpstreamReport report) {
    if (report.isMultitenant() != null || old == null) {
      return report;
    }
    return new UpstreamReport(
        report.upstream(), report.isUp(), old.isMultitenant(), report.findings());
  }

  private static void logChange(@Nullable UpstreamReport old, UpstreamReport report) {
    List<Finding> before = old == null ? List.of() : old.problems();
    List<Finding> problems = report.problems();
    for (Finding problem : problems) {
      if (!before.contains(problem)) {
        if (problem.level() == Finding.Level.ERROR) {
          LOG.error("{}", problem);
        } else {
          LOG.warn("{}", problem);
        }
      }
    }
    if (problems.isEmpty() && (old == null || !before.isEmpty())) {
      report.findings().forEach(finding -> LOG.info("{}", finding));
    }
  }

  private void tell(UpstreamChecksConfig config) {
    Map<String, UpstreamStates.State> shown = new LinkedHashMap<>();
    List<String> reasons = new ArrayList<>();
    List<String> warnings = new ArrayList<>();
    known.forEach((name, report) -> {
      shown.put(name, new UpstreamStates.State(report.isUp(), report.isMultitenant()));
      if (Boolean.FALSE.equals(report.isMultitenant())) {
        (config.singleTenant() == UpstreamChecksConfig.Verdict.NOT_READY ? reasons : warnings)
            .add("upstream " + name + " is not multi-tenant (multitenancy_enabled)");
      }
      if (!report.isUp()) {
        (config.unreachable() == UpstreamChecksConfig.Verdict.NOT_READY ? reasons : warnings)
            .add("upstream " + name + " is unreachable or does not speak what is forwarded to it");
      }
    });
    states.replaceWith(shown);
    reaction.found(reasons, warnings);
  }

  private long nextWait(long intervalMillis) {
    boolean fine = known.values().stream().allMatch(report -> report.problems().isEmpty());
    long wanted = Math.min(intervalMillis, fine ? intervalMillis : waitMillis);
    waitMillis = fine ? FIRST_WAIT_MILLIS : Math.min(2 * waitMillis, LONGEST_WAIT_MILLIS);
    double spread = 1 + JITTER * (ThreadLocalRandom.current().nextDouble() - 0.5);
    return Math.max(1, (long) (wanted * spread));
  }
}
