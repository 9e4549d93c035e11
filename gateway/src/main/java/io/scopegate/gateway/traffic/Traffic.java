package io.scopegate.gateway.traffic;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What has happened between two times. A gateway that was restarted in between has no rates. */
public final class Traffic {
  private final Figures before;
  private final Figures after;
  private final double seconds;

  private Traffic(Figures before, Figures after, double seconds) {
    this.before = before;
    this.after = after;
    this.seconds = seconds;
  }

  /**
   * Compares.
   *
   * @param between how much time has passed from the first to the second
   */
  public static Traffic between(Figures before, Figures after, Duration between) {
    return new Traffic(before, after, Math.max(between.toMillis(), 1) / 1_000.0);
  }

  /** The later figures. */
  public Figures now() {
    return after;
  }

  /** The versions that are running; one, unless somebody has added up several gateways. */
  public String version() {
    return String.join("+", after.parts(Figure.BUILD));
  }

  /** Whether the gateway is ready. */
  public boolean isReady() {
    return after.of(Figure.READY) > 0;
  }

  /** How many listeners forward what they would refuse. */
  public long openListeners() {
    return (long) after.of(Figure.AUDIT_ONLY_LISTENERS);
  }

  /** Whether requests over the limits of their tenants are forwarded. */
  public boolean onlyLogsLimits() {
    return after.of(Figure.LIMITS_AUDIT_ONLY) > 0;
  }

  /** All parts of a counter, a second. */
  public double perSecond(Figure counter) {
    return Math.max(0, after.of(counter) - before.of(counter)) / seconds;
  }

  /** One part of a counter, a second. */
  public double perSecond(Figure counter, String part) {
    return Math.max(0, after.of(counter, part) - before.of(counter, part)) / seconds;
  }

  /** Requests in progress. */
  public long inProgress() {
    return (long) after.of(Figure.STREAMS);
  }

  /** Refusals a second by reason, those that happened. */
  public Map<String, Double> refusals() {
    Map<String, Double> all = new TreeMap<>();
    for (String reason : after.parts(Figure.REFUSALS)) {
      double rate = perSecond(Figure.REFUSALS, reason);
      if (rate > 0) {
        all.put(reason, rate);
      }
    }
    return all;
  }

  /** How many tenants have figures of their own. */
  public int tenants() {
    return after.parts(Figure.TENANT_REQUESTS).size();
  }

  /** The busiest tenants first, and at most so many. */
  public List<TenantTraffic> busiest(int most) {
    return after.parts(Figure.TENANT_REQUESTS).stream()
        .sorted(
            Comparator.comparingDouble((String name) -> -perSecond(Figure.TENANT_REQUESTS, name))
                .thenComparingDouble(name -> -after.of(Figure.TENANT_REQUESTS, name))
                .thenComparing(Comparator.naturalOrder()))
        .limit(most)
        .map(this::tenant)
        .toList();
  }

  private TenantTraffic tenant(String name) {
    return new TenantTraffic(
        name,
        perSecond(Figure.TENANT_REQUESTS, name),
        perSecond(Figure.TENANT_REFUSED, name),
        perSecond(Figure.TENANT_LIMITED, name),
        perSecond(Figure.TENANT_REQUEST_BYTES, name),
        perSecond(Figure.TENANT_RESPONSE_BYTES, name),
        (long) after.of(Figure.TENANT_STREAMS, name),
        limits(name));
  }

  /** What was refused used nothing of a limit. */
  private List<UsedLimit> limits(String tenant) {
    double writes =
        perSecond(Figure.TENANT_WRITES, tenant) - perSecond(Figure.TENANT_WRITES_REFUSED, tenant);
    double reads =
        perSecond(Figure.TENANT_READS, tenant) - perSecond(Figure.TENANT_READS_REFUSED, tenant);
    return Stream.of(
            new UsedLimit(
                "ingestBytesPerSecond",
                perSecond(Figure.TENANT_STORED_BYTES, tenant),
                after.of(Figure.LIMIT_STORED_BYTES, tenant)),
            new UsedLimit(
                "spansPerSecond",
                perSecond(Figure.TENANT_SPANS, tenant),
                after.of(Figure.LIMIT_SPANS, tenant)),
            new UsedLimit("ingestRequestsPerSecond", writes, after.of(Figure.LIMIT_WRITES, tenant)),
            new UsedLimit("queriesPerSecond", reads, after.of(Figure.LIMIT_READS, tenant)))
        .filter(one -> one.limit() > 0 && Double.isFinite(one.limit()))
        .toList();
  }

  /** All upstreams, by name. */
  public List<UpstreamTraffic> upstreams() {
    return after.parts(Figure.UPSTREAM_CONNECTIONS).stream().map(this::upstream).toList();
  }

  private UpstreamTraffic upstream(String name) {
    return new UpstreamTraffic(
        name,
        state(name),
        (long) after.of(Figure.UPSTREAM_CONNECTIONS, name),
        perSecond(Figure.UPSTREAM_RETRIES, name),
        perSecond(Figure.UPSTREAM_CONNECT_FAILURES, name));
  }

  private UpstreamTraffic.State state(String name) {
    if (!after.has(Figure.UPSTREAM_UP, name)) {
      return UpstreamTraffic.State.UNKNOWN;
    }
    if (after.of(Figure.UPSTREAM_UP, name) == 0) {
      return UpstreamTraffic.State.DOWN;
    }
    return after.has(Figure.UPSTREAM_MULTITENANT, name)
            && after.of(Figure.UPSTREAM_MULTITENANT, name) == 0
        ? UpstreamTraffic.State.OPEN
        : UpstreamTraffic.State.UP;
  }
}
