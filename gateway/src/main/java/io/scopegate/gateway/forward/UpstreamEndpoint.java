package io.scopegate.gateway.forward;

import io.scopegate.gateway.exchange.PendingEnd;
import io.scopegate.gateway.exchange.StreamEnd;
import io.scopegate.gateway.forward.EndpointHealth.Reason;
import io.scopegate.gateway.forward.EndpointHealth.State;
import io.scopegate.gateway.http.Attempts.Failure;
import io.scopegate.gateway.http.CodecSettings;
import io.scopegate.gateway.http.SentRequest;
import io.scopegate.gateway.telemetry.UpstreamEndpointMeters;
import org.jspecify.annotations.Nullable;

/** One server of an upstream, as one event loop sees it: its pools, and how it is doing. */
final class UpstreamEndpoint implements Pool.Home, EndpointChoice.Candidate {
  private final EndpointSet set;
  private @Nullable EndpointAddress address;
  private final Pool http1;
  private final Pool http2;
  private final EndpointHealth health;
  private final @Nullable UpstreamEndpointMeters meters;
  private final EndpointSet.Connectors connectors;
  private final @Nullable ConcurrencyBound bound;
  private final long identity;
  private @Nullable EndpointQuestion question;
  private Runnable endOfChecks = () -> {};
  private int missed;

  /**
   * How many of what an endpoint has on one event loop.
   *
   * @param http1 HTTP/1.1 connections
   * @param http2 HTTP/2 connections
   * @param pending requests that wait for one, of each kind
   * @param loops how many event loops share it
   */
  record Sizes(int http1, int http2, int pending, int loops) {}

  /**
   * An endpoint of a set.
   *
   * @param address where it is; null while that is not known
   * @param meters what is counted about it; null for nothing
   */
  UpstreamEndpoint(
      EndpointSet set,
      @Nullable EndpointAddress address,
      EndpointSet.Connectors connectors,
      Sizes sizes,
      EndpointHealth health,
      @Nullable UpstreamEndpointMeters meters) {
    this.set = set;
    this.address = address;
    this.identity = address == null ? 0 : Affinity.hash(address.text());
    this.connectors = connectors;
    this.health = health;
    this.meters = meters;
    ConcurrencyConfig concurrency = set.concurrency();
    bound =
        concurrency == null || address == null
            ? null
            : new ConcurrencyBound(
                concurrency, sizes.loops(), connectors.clock(), this::roomAgain, meters);
    CodecSettings limits = new CodecSettings(Upstream.MAX_HEADER_BYTES, 0, 0, 0, 0, 0, true);
    http1 =
        new Http1Pool(connectors.to(address, false), this, limits, sizes.http1(), sizes.pending());
    http2 =
        new Http2Pool(connectors.to(address, true), this, limits, sizes.http2(), sizes.pending());
  }

  Pool pool(boolean multiplexed) {
    return multiplexed ? http2 : http1;
  }

  @Nullable EndpointAddress address() {
    return address;
  }

  EndpointHealth health() {
    return health;
  }

  @Override
  public int load() {
    return http1.load() + http2.load();
  }

  @Override
  public double part(long nowNanos) {
    return health.part(nowNanos);
  }

  @Override
  public int weight() {
    EndpointAddress known = address;
    return known == null ? 1 : known.weight();
  }

  @Override
  public long identity() {
    return identity;
  }

  /** Those with the lowest are used first. */
  int priority() {
    EndpointAddress known = address;
    return known == null ? 0 : known.priority();
  }

  /** Whether it is meant for callers in this zone. */
  boolean isNear() {
    EndpointAddress known = address;
    return known != null && known.near();
  }

  /** Whether it gets requests, as far as its own state goes. */
  boolean isUsable() {
    return health.isUsed() && takesConnections();
  }

  /** Whether nothing bad is known of it. */
  boolean isWell() {
    return health.isWell() && takesConnections();
  }

  /** Whether no attempt to connect has failed lately, or any connection is there. */
  boolean takesConnections() {
    boolean refuses = health.state() == State.OUT && health.reason() == Reason.NO_CONNECTION;
    return !refuses && http1.takesConnections() && http2.takesConnections();
  }

  /** It was not among those that were found; how often in a row. */
  int missed() {
    return ++missed;
  }

  /** It is still there, perhaps near now or no more. */
  void found(EndpointAddress now) {
    missed = 0;
    address = now;
  }

  // ---- as time passes

  /** Looks at the time; what comes of it changes what {@link #isUsable}. */
  void look(long nowNanos) {
    if (load() == 0) {
      health.idle();
    }
    if (health.isSilent(nowNanos)) {
      leaveSilent();
    } else if (health.isInDoubt(nowNanos)) {
      ask();
    } else {
      tryIfDue(nowNanos);
    }
    if (isOutForSilence()) {
      http1.resendUnanswered();
      http2.resendUnanswered();
    }
  }

  /** What waits there could go nowhere else so far, or came since others were too few. */
  private boolean isOutForSilence() {
    return health.state() == State.OUT && health.reason() == Reason.SILENCE;
  }

  /** Sees whether it is well again, when it is time for that. */
  void tryIfDue(long nowNanos) {
    if (health.isDue(nowNanos) || set.isShort() && health.isDueWhereNeeded(nowNanos)) {
      health.tried(nowNanos);
      tryAgain();
    }
  }

  private void tryAgain() {
    switch (health.reason()) {
      case NO_CONNECTION -> (set.usesHttp2() ? http2 : http1).probe();
      case SILENCE -> ask(); // a request that is sent there to see would wait as long
      case FAILURES, CHECK -> tryRequests();
    }
  }

  private void tryRequests() {
    health.tryAgain();
    changed();
  }

  /** Tries at once whether it takes connections again, since others are too few. */
  void attemptIfUnreachable() {
    if (health.state() == State.OUT && health.reason() == Reason.NO_CONNECTION) {
      (set.usesHttp2() ? http2 : http1).attemptUnlessJustFailed();
    }
  }

  private void leaveSilent() {
    leftOut();
    http1.abandon();
    http2.abandon();
    moveAll();
  }

  private void ask() {
    EndpointQuestion asking = question;
    if (asking == null) {
      boolean http2 = set.usesHttp2();
      asking = new EndpointQuestion(connectors.to(address, http2), http2);
      question = asking;
    }
    boolean wasOut = isOutForSilence();
    asking.ask(
        health.patienceNanos(),
        () -> {
          if (health.state() != State.OUT) {
            health.isThere(set.nowNanos());
          } else if (wasOut && isOutForSilence()) { // else it was asked before
            tryRequests();
          }
        },
        () -> {
          if (set.hasSeveral() && health.isNotThere(set.nowNanos())) {
            leaveSilent();
          }
        });
  }

  // ---- active checks

  /** It is checked until this runs. */
  void checkedUntil(Runnable end) {
    endOfChecks = end;
  }

  /** A check has found something. */
  void checked(boolean isWell) {
    if (meters != null) {
      meters.checked(isWell);
    }
    if (!health.checked(isWell, set.nowNanos())) {
      return;
    }
    if (isWell || !set.hasSeveral()) {
      changed();
    } else {
      leftOut(Reason.CHECK);
      moveAll();
    }
  }

  private void leftOut() {
    leftOut(health.reason());
  }

  private void leftOut(Reason why) {
    if (meters != null) {
      meters.leftOut(why.label());
    }
    set.leftOut();
    changed();
  }

  private void changed() {
    if (meters != null) {
      meters.usable(health.isUsed());
    }
    set.changed();
  }

  void moveAll() {
    http1.moveAll();
    http2.moveAll();
  }

  /** Gets no further requests; what waits goes elsewhere, what is under way ends here. */
  void leave() {
    retire();
    moveAll();
    uncount();
  }

  /** It is counted no more among the endpoints there are. */
  void uncount() {
    if (meters != null) {
      meters.leave();
    }
  }

  void retire() {
    endOfChecks.run();
    http1.retire();
    http2.retire();
  }

  // ---- what its pools tell

  @Override
  public @Nullable ConcurrencyBound bound() {
    return bound;
  }

  private void roomAgain() {
    http1.serveSoon();
    http2.serveSoon();
  }

  @Override
  public boolean hasOthers() {
    return set.hasSeveral();
  }

  @Override
  public void sent() {
    if (set.hasSeveral()) {
      health.sent(set.nowNanos());
      if (meters != null) {
        meters.sent();
      }
    }
  }

  @Override
  public void answered() {
    if (set.hasSeveral()) {
      State before = health.state();
      health.answered(set.nowNanos());
      if (before != health.state()) {
        changed();
      }
    }
  }

  @Override
  public void failed(Failure why) {
    boolean speaksAgainst =
        why == Failure.LOST || why == Failure.RESET || why == Failure.BAD_ANSWER;
    if (!speaksAgainst || !set.hasSeveral()) {
      return;
    }
    if (meters != null) {
      meters.failed();
    }
    if (health.failed(set.nowNanos())) {
      leftOut();
    }
  }

  @Override
  public boolean mayResend(StreamEnd client, Failure why) {
    return set.retries().mayResend(this, client, why);
  }

  @Override
  public void resend(Pool from, StreamEnd client, SentRequest request) {
    set.retries().resend(this, from == http2, client, request);
  }

  @Override
  public void connected() {
    health.connected(set.nowNanos());
    if (meters != null) {
      meters.usable(health.isUsed());
    }
    set.connected(this);
  }

  @Override
  public void unreachable() {
    set.unreachable();
    if (!set.hasSeveral()) {
      return;
    }
    if (health.unreachable(set.nowNanos())) {
      leftOut();
    } else {
      set.changed(); // it was left out already, and may be used all the same when few are left
    }
  }

  @Override
  public void slow() {
    changed();
  }

  @Override
  public boolean move(Pool from, PendingEnd waiting, Object owner) {
    return set.retries().move(this, from == http2, waiting, owner);
  }

  @Override
  public boolean awaitAttempt(Pool from, PendingEnd waiting, Object owner) {
    return set.retries().awaitAttempt(this, from == http2, waiting, owner);
  }
}
