package io.scopegate.gateway.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.util.concurrent.FastThreadLocal;
import io.scopegate.gateway.access.AccessDecision;
import io.scopegate.gateway.access.DecisionBasis;
import io.scopegate.gateway.access.DecisionSource;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.otlp.OtlpCounts;
import io.scopegate.gateway.otlp.OtlpSignal;
import io.scopegate.gateway.route.Endpoint;
import io.scopegate.gateway.tls.TlsUse;
import io.scopegate.gateway.traffic.Figures;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Metrics and the access log. {@link #finished} is on every request's way and allocates nothing
 * once its labels have been seen; {@code docs/reference/metrics.md} has the metrics.
 */
public final class Telemetry implements AutoCloseable {
  /** What can be reloaded without a restart. */
  public enum Reload {
    /** The configuration file. */
    CONFIGURATION,
    /** Certificates and keys. */
    CERTIFICATES,
    /** Static tokens. */
    TOKENS,
    /** Tempo's file of limits per tenant. */
    OVERRIDES
  }

  private static final Duration[] LAGS = {
    Duration.ofMillis(1),
    Duration.ofMillis(5),
    Duration.ofMillis(25),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofMillis(2500)
  };

  private volatile BooleanSupplier readiness = () -> true;
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Exposition exposition = new Exposition(registry.getPrometheusRegistry());
  private final @Nullable LineLog<RequestRecord> accessLog;
  private final FastThreadLocal<LimitedLines<String>> limited = new Lines<>();
  private final FastThreadLocal<LimitedLines<Long>> unknown = new Lines<>();
  private final FastThreadLocal<LimitedLines<String>> callers = new Lines<>();
  private final FastThreadLocal<LimitedLines<String>> auditedCallers = new Lines<>();
  private final FastThreadLocal<LimitedLines<Long>> auditedUnknown = new Lines<>();
  private final LongAdder skippedLines = new LongAdder();
  private final LongAdder skippedAudits = new LongAdder();
  private volatile LogPolicy policy = LogPolicy.UNCONFIGURED;
  private volatile @Nullable LineLog<AuditEntry> auditLog;
  private volatile @Nullable AuditFile auditFile;
  private volatile @Nullable LogRecords logRecords;
  private volatile @Nullable Tracing tracing;
  private final LongAdder spansLeftOut = new LongAdder();
  private final Map<OtlpSignal, OtlpCounts> otlp = new EnumMap<>(OtlpSignal.class);
  private final String version;
  private final RecentRefusals refusals = new RecentRefusals(InstantSource.system());
  private final RequestIndex requests;
  private final TenantIndex tenants;
  private final Usage usage = new Usage();
  private final KubernetesMeters kubernetes;
  private final ConfigurationMeters configuration;
  private final TlsMeters tls;
  private final UpstreamStates upstreamStates;
  private final JvmMeters jvm;

  /** Function counters hold what they read weakly. */
  private final Queue<LongSupplier> kept = new ConcurrentLinkedQueue<>();

  private final Map<String, ListenerMeters> listeners = new ConcurrentHashMap<>();
  private final Map<String, UpstreamMeters> upstreams = new ConcurrentHashMap<>();

  /**
   * Registers what is always there.
   *
   * @param accessLog gets a line for each request; null when there is none
   * @param maxTenants how many tenants get metrics of their own
   * @param version the gateway's version, of a commit that is not known
   */
  public Telemetry(@Nullable LineLog<RequestRecord> accessLog, int maxTenants, String version) {
    this(accessLog, maxTenants, new BuildInfo(version, BuildInfo.UNKNOWN));
  }

  /**
   * Registers what is always there.
   *
   * @param accessLog gets a line for each request; null when there is none
   * @param maxTenants how many tenants get metrics of their own
   * @param build what the gateway was built from
   */
  public Telemetry(@Nullable LineLog<RequestRecord> accessLog, int maxTenants, BuildInfo build) {
    this.accessLog = accessLog;
    this.version = build.version();
    this.requests = new RequestIndex(registry);
    this.tenants = new TenantIndex(registry, maxTenants);
    this.kubernetes = new KubernetesMeters(registry);
    this.configuration = new ConfigurationMeters(registry, InstantSource.system());
    this.tls = new TlsMeters(registry);
    this.upstreamStates = new UpstreamStates(registry);
    this.jvm = new JvmMeters(registry);
    Gauge.builder("scopegate.build.info", () -> 1)
        .description("Always 1; the labels are the versions")
        .tag("version", build.version())
        .tag("commit", build.commit())
        .tag("java", System.getProperty("java.version"))
        .register(registry);
    for (Reload what : Reload.values()) { // there from the start, so that an increase can be seen
      reloads(what, true);
      reloads(what, false);
    }
    for (OtlpSignal signal : OtlpSignal.values()) {
      otlp.put(signal, otlpCounts(signal));
    }
    counter(
        "scopegate.tracing.left.out",
        "Requests without a span of the gateway's because of tracing.spansPerSecond or"
            + " tracing.refusalsPerSecond",
        spansLeftOut::sum);
    if (accessLog != null) {
      counter("scopegate.access.log.dropped", "Lines dropped", accessLog::dropped);
      counter("scopegate.access.log.skipped", "Lines left out", skippedLines::sum);
    }
    if (ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider allocator) {
      gauge(
          "scopegate.buffer.bytes",
          "Memory outside the heap held by network buffers",
          () -> allocator.metric().usedDirectMemory());
    }
  }

  private OtlpCounts otlpCounts(OtlpSignal signal) {
    OtlpCounts counts = new OtlpCounts();
    for (OtlpCounts.Result result : OtlpCounts.Result.values()) {
      LongSupplier value = () -> counts.of(result);
      kept.add(value);
      FunctionCounter.builder("scopegate.otlp.records", value, LongSupplier::getAsLong)
          .description("Spans and log records of the gateway's own, by what became of them")
          .tag("signal", signal.label())
          .tag("result", result.name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
    return counts;
  }

  /** What becomes of the records of a signal that are exported. */
  OtlpCounts otlp(OtlpSignal signal) {
    return Objects.requireNonNull(otlp.get(signal), signal.label());
  }

  /** How many requests got no span because there were too many. */
  LongAdder spansLeftOut() {
    return spansLeftOut;
  }

  /** The gateway's version. */
  String version() {
    return version;
  }

  /**
   * Has requests traced from now on.
   *
   * @param by null for no tracing
   */
  public void traceWith(@Nullable Tracing by) {
    tracing = by;
  }

  /** How requests are traced; null when they are not. */
  public @Nullable Tracing tracing() {
    return tracing;
  }

  /** Records a finished request; called once, on the event loop that it ended on. */
  public void finished(RequestRecord transaction) {
    Outcome outcome = Outcome.of(transaction);
    Tracing spans = tracing;
    if (spans != null) {
      spans.finished(transaction, outcome);
    }
    requests.of(transaction, outcome).finished(transaction);
    Endpoint endpoint = transaction.endpoint;
    if (endpoint != null && !transaction.tenant.isEmpty()) {
      tenants
          .of(transaction.tenant, outcome != Outcome.REFUSED)
          .finished(transaction, endpoint.operation(), outcome, usage.isEnabled());
    }
    if (!transaction.tenant.isEmpty()) {
      usage.finished(transaction, outcome);
    }
    if (transaction.refusal != null) {
      refusals.add(transaction, transaction.refusal, false);
    } else if (transaction.waived != null || transaction.overLimit != null) {
      forwardedAllTheSame(transaction, requests.of(transaction, outcome).endpoint());
    }
    if (accessLog != null && makesLine(transaction, outcome)) {
      accessLog.write(transaction);
    }
  }

  private void forwardedAllTheSame(RequestRecord transaction, EndpointMeters endpoint) {
    Refusal waived = transaction.waived;
    if (waived != null) {
      endpoint.waived(waived.reason()).increment();
      refusals.add(transaction, waived, true);
    }
    Refusal overLimit = transaction.overLimit;
    if (overLimit != null) {
      endpoint.overLimit(overLimit.reason()).increment();
      refusals.add(transaction, overLimit, true);
    }
  }

  private static final class Lines<K> extends FastThreadLocal<LimitedLines<K>> {
    @Override
    protected LimitedLines<K> initialValue() {
      return new LimitedLines<>();
    }
  }

  private boolean makesLine(RequestRecord t, Outcome outcome) {
    LogPolicy now = policy;
    if (!now.requests) {
      return false;
    }
    Refusal refusal = t.refusal;
    if (refusal == null ? takesGood(t, outcome, now) : takes(refusal, t, now)) {
      return true;
    }
    skippedLines.increment();
    return false;
  }

  /** What would have been refused is told always. */
  private static boolean takesGood(RequestRecord t, Outcome outcome, LogPolicy now) {
    return now.successRatio >= 1
        || outcome != Outcome.OK
        || t.waived != null
        || t.overLimit != null
        || ThreadLocalRandom.current().nextDouble() < now.successRatio;
  }

  /** No client can fill the log: none without a credential, no caller and no tenant. */
  private boolean takes(Refusal refusal, RequestRecord t, LogPolicy now) {
    if (refusal.reason() == Refusal.Reason.LIMITED) {
      return now.limitedPerSecond == Integer.MAX_VALUE
          || limited.get().takes(t.tenant, t, now.limitedPerSecond);
    }
    if (!t.user.isEmpty()) {
      return now.refusedPerSecond == Integer.MAX_VALUE
          || callers.get().takes(t.user, t, now.refusedPerSecond);
    }
    return now.unauthenticatedPerSecond == Integer.MAX_VALUE
        || unknown.get().takes(t.clientNetwork, t, now.unauthenticatedPerSecond);
  }

  /** How many audit lines of the same caller were left out before this one; negative for it too. */
  private long skippedBefore(AccessDecision verdict, RequestRecord t, LogPolicy now) {
    if (verdict.refusal() == null || now.audit == LogConfig.Audit.ALL) {
      return 0;
    }
    if (!verdict.user().isEmpty()) {
      return now.refusedPerSecond == Integer.MAX_VALUE
          ? 0
          : auditedCallers.get().take(verdict.user(), t.startNanos, now.refusedPerSecond);
    }
    return now.unauthenticatedPerSecond == Integer.MAX_VALUE
        ? 0
        : auditedUnknown.get().take(t.clientNetwork, t.startNanos, now.unauthenticatedPerSecond);
  }

  /**
   * Records what was decided about a request, for the audit log; on the event loop that decided.
   *
   * @param found where the decision was found
   */
  public void decided(RequestRecord transaction, AccessDecision verdict, DecisionSource found) {
    DecisionBasis grounds = verdict.grounds();
    transaction.stale = grounds != null && grounds.stale();
    LogPolicy now = policy;
    if (isTold(verdict, now)) {
      return;
    }
    LogConfig.Audit audited = now.audit;
    if (audited == LogConfig.Audit.ALL
        || audited == LogConfig.Audit.DENIED
            && (verdict.refusal() != null || verdict.waived() != null)) {
      long skipped = skippedBefore(verdict, transaction, now);
      if (skipped == LimitedLines.NONE) {
        skippedAudits.increment();
        return;
      }
      DecisionSource origin = DecisionSource.of(verdict, found);
      audit(new AuditEntry(transaction, verdict, origin, false, skipped));
    }
  }

  /**
   * Whether the access log has a line that says the same. Of somebody unknown there is nothing more
   * to say, and two lines for each try would be what a flood is after.
   */
  private boolean isTold(AccessDecision verdict, LogPolicy now) {
    return verdict.refusal() != null
        && verdict.user().isEmpty()
        && accessLog != null
        && now.requests
        && now.audit != LogConfig.Audit.ALL;
  }

  /** Records that a request which had been let through ends, because its right is gone. */
  public void revoked(RequestRecord transaction, AccessDecision verdict) {
    if (policy.audit != LogConfig.Audit.NONE) {
      audit(
          new AuditEntry(
              transaction, verdict, DecisionSource.of(verdict, DecisionSource.ASKED), true));
    }
  }

  private void audit(AuditEntry entry) {
    LineLog<AuditEntry> log = auditLog;
    if (log != null) {
      log.write(entry);
    }
    AuditFile file = auditFile;
    if (file != null) {
      file.write(entry);
    }
    LogRecords records = logRecords;
    if (records != null) {
      records.audit(entry);
    }
  }

  /** The last requests that were refused. */
  public RecentRefusals refusals() {
    return refusals;
  }

  /** What a listener counts; the same for the same name. */
  public ListenerMeters listener(String name) {
    return listeners.computeIfAbsent(name, key -> new ListenerMeters(registry, key));
  }

  /** What is counted about an upstream; the same for the same name. */
  public UpstreamMeters upstream(String name) {
    return upstreams.computeIfAbsent(name, key -> new UpstreamMeters(registry, key));
  }

  /** How the servers of all upstreams are doing, by the upstream's name. */
  public Map<String, List<UpstreamEndpointState>> endpoints() {
    Map<String, List<UpstreamEndpointState>> all = new TreeMap<>();
    upstreams.forEach((name, meters) -> {
      List<UpstreamEndpointState> there = meters.endpoints();
      if (!there.isEmpty()) {
        all.put(name, there);
      }
    });
    return all;
  }

  /**
   * What is counted about the limits of a tenant; shared by those beyond the cap.
   *
   * @param tenant a tenant that a request was let through for
   */
  public LimitMeters limits(String tenant) {
    return tenants.of(tenant, true).limits();
  }

  /** What is counted about a store of limits that replicas share; call it once, if there is one. */
  public StoreMeters limitStore() {
    return new StoreMeters(registry);
  }

  /** What is counted about Kubernetes and the caches in front of it. */
  public KubernetesMeters kubernetes() {
    return kubernetes;
  }

  /**
   * Sets which requests and decisions are logged. Before the first call every request is, and no
   * decision.
   */
  public void reconfigure(LogConfig log) {
    policy =
        new LogPolicy(
            log.access(),
            orAll(log.limitedPerSecond()),
            orAll(log.unauthenticatedPerSecond()),
            orAll(log.refusedPerSecond()),
            log.audit(),
            log.successRatio());
  }

  private static int orAll(@Nullable Integer perSecond) {
    return perSecond == null ? Integer.MAX_VALUE : perSecond;
  }

  /**
   * What is logged.
   *
   * @param requests whether requests make lines in the access log
   * @param limitedPerSecond lines a second for one tenant's requests over a limit, on each event
   *     loop
   * @param unauthenticatedPerSecond lines a second for the refused requests of one client address
   *     without a user, on each event loop
   * @param refusedPerSecond lines a second, in each of the two logs, for the refused requests of
   *     one caller, on each event loop
   * @param audit which decisions make lines in the audit log
   * @param successRatio the part of the good requests that makes lines in the access log
   */
  private record LogPolicy(
      boolean requests,
      int limitedPerSecond,
      int unauthenticatedPerSecond,
      int refusedPerSecond,
      LogConfig.Audit audit,
      double successRatio) {
    static final LogPolicy UNCONFIGURED =
        new LogPolicy(
            true, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE, LogConfig.Audit.NONE, 1);
  }

  /** Has decisions logged here; call it once, before the first request. */
  public void auditTo(LineLog<AuditEntry> log) {
    auditLog = log;
    counter("scopegate.audit.log.dropped", "Lines dropped", () -> log.dropped() + lostOfFile());
    counter(
        "scopegate.audit.log.skipped",
        "Lines left out because of log.refusedPerSecond or log.unauthenticatedPerSecond",
        skippedAudits::sum);
  }

  private long lostOfFile() {
    AuditFile file = auditFile;
    return file == null ? 0 : file.lost();
  }

  /** Has decisions written to a file as well; call it once, before the first request. */
  public void auditTo(AuditFile file) {
    auditFile = file;
  }

  /**
   * Has decisions and usage records sent as OTLP logs as well, from now on.
   *
   * @param to null for nowhere
   */
  public void sendLogs(@Nullable LogRecords to) {
    logRecords = to;
    usage.sendTo(to);
  }

  /** The end of all requests: writes what waits, for about a second at most. Blocks. */
  public void closeLogs() {
    AuditFile file = auditFile;
    if (file != null) {
      file.close();
    }
  }

  /** Has usage records written here; call it once, before the first request. */
  public void usageTo(UsageLog log) {
    usage.writeTo(log);
    counter("scopegate.usage.log.dropped", "Records dropped", log::dropped);
  }

  /** What tenants use. */
  public Usage usage() {
    return usage;
  }

  /**
   * Replaces what is shown about TLS providers and the expiry of certificates.
   *
   * @param all by the key that asks for it, for example {@code listeners.query.tls}
   */
  public void tls(Map<String, TlsUse> all) {
    tls.replaceWith(all);
  }

  /** What {@link #tls} was told last. */
  public Map<String, TlsUse> tls() {
    return tls.shown();
  }

  /** What the checks of upstreams have found. */
  public UpstreamStates upstreamStates() {
    return upstreamStates;
  }

  /** Whether the configuration file is in force. */
  public ConfigurationMeters configuration() {
    return configuration;
  }

  /** Counts that something was reloaded, or could not be. */
  public void reloaded(Reload what, boolean good) {
    reloads(what, good).increment();
  }

  private Counter reloads(Reload what, boolean good) {
    return Counter.builder("scopegate.reloads")
        .description("Reloads of changed files, by result")
        .tag("what", what.name().toLowerCase(Locale.ROOT))
        .tag("result", good ? "ok" : "failed")
        .register(registry);
  }

  /**
   * What the budgets of the data path hold.
   *
   * @param bytes bytes held for requests in progress
   * @param requests requests in progress
   * @param waitingBytes bytes that wait for a decision or a connection
   * @param unreadAnswers answers of the gateway's own that were not read yet
   * @param unreadBytes bytes of their bodies
   * @param closed connections closed because their clients did not read their answers
   * @param delayedBytes bytes from clients that are read in turns, waiting for theirs
   */
  public record InFlight(
      LongSupplier bytes,
      LongSupplier requests,
      LongSupplier waitingBytes,
      LongSupplier unreadAnswers,
      LongSupplier unreadBytes,
      LongSupplier closed,
      LongSupplier delayedBytes) {}

  /** Registers gauges that read the data path's budgets at each scrape. */
  public void inFlight(InFlight all) {
    gauge("scopegate.in.flight.bytes", "Bytes held for requests in progress", all.bytes);
    gauge("scopegate.in.flight.requests", "Requests in progress", all.requests);
    gauge(
        "scopegate.waiting.bytes",
        "Bytes of requests waiting for a decision or a connection",
        all.waitingBytes);
    gauge(
        "scopegate.unread.answers",
        "The gateway's own answers that clients have not read yet",
        all.unreadAnswers);
    gauge("scopegate.unread.answer.bytes", "Bytes of their bodies", all.unreadBytes);
    counter(
        "scopegate.unread.closed",
        "Connections closed because their clients did not read their answers",
        all.closed);
    gauge(
        "scopegate.delayed.bytes",
        "Bytes received from clients that are read in turns and waiting for theirs",
        all.delayedBytes);
  }

  /** Registers a gauge of the tasks waiting on the event loops. */
  public void eventLoopTasks(LongSupplier waiting) {
    gauge("scopegate.event.loop.tasks", "Tasks waiting on the event loops", waiting);
  }

  /**
   * Registers gauges of how much of each budget is used.
   *
   * @param parts by name; 1 when all of a budget is used
   */
  public void budgets(Map<String, DoubleSupplier> parts) {
    parts.forEach((name, used) ->
        Gauge.builder("scopegate.budget.used.ratio", used, DoubleSupplier::getAsDouble)
            .description("How much of a budget is used")
            .tag("budget", name)
            .strongReference(true)
            .register(registry));
  }

  /** Registers a histogram of how late event loops are; returns what is told it in nanoseconds. */
  public LongConsumer eventLoopLag() {
    Timer lag =
        Timer.builder("scopegate.event.loop.lag")
            .description("How late tasks of the event loops ran")
            .serviceLevelObjectives(LAGS)
            .register(registry);
    return nanos -> lag.record(nanos, TimeUnit.NANOSECONDS);
  }

  /** Whether traffic is welcome, as the gauge shows it; true when nobody has said. */
  public boolean isReady() {
    return readiness.getAsBoolean();
  }

  /**
   * Registers gauges of what is only logged and not refused.
   *
   * @param listeners how many listeners only log what they would refuse
   * @param limits whether the limits of tenants are only logged
   */
  public void auditOnly(LongSupplier listeners, BooleanSupplier limits) {
    gauge(
        "scopegate.limits.audit.only",
        "1 while requests over the limits of tenants are forwarded (limits.enforce: audit)",
        () -> limits.getAsBoolean() ? 1 : 0);
    gauge(
        "scopegate.audit.only.listeners",
        "Listeners that forward what they would refuse (enforce: audit)",
        listeners);
  }

  /** Registers a gauge of the readiness. */
  public void ready(BooleanSupplier ready) {
    readiness = ready;
    gauge(
        "scopegate.ready",
        "1 while the gateway is ready for traffic",
        () -> ready.getAsBoolean() ? 1 : 0);
  }

  /** Counts dropped lines of the application log. */
  public void logOutput(LogOutput output) {
    counter("scopegate.log.dropped", "Lines of the application log dropped", output::dropped);
  }

  /** Everything in Prometheus' text format; takes milliseconds, so not for an event loop. */
  public byte[] scrape() {
    return scrape(null).body();
  }

  /**
   * Everything in the format that is asked for; takes milliseconds, so not for an event loop.
   *
   * @param accept what is accepted, as the header of that name; null for Prometheus' text format
   */
  public Scrape scrape(@Nullable String accept) {
    return exposition.scrape(accept);
  }

  /**
   * What is shown of the traffic, now; as {@link #scrape} without the text. With the most tenants
   * it takes milliseconds, so it is not for an event loop of the data path.
   */
  public Figures figures() {
    return RegistryFigures.of(registry);
  }

  /** Removes the listeners of the JVM's metrics. */
  @Override
  public void close() {
    jvm.close();
    registry.close();
  }

  private void gauge(String name, String description, LongSupplier value) {
    ToDoubleFunction<LongSupplier> read = LongSupplier::getAsLong;
    Gauge.builder(name, value, read)
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  private void counter(String name, String description, LongSupplier value) {
    kept.add(value);
    FunctionCounter.builder(name, value, LongSupplier::getAsLong)
        .description(description)
        .register(registry);
  }
}
