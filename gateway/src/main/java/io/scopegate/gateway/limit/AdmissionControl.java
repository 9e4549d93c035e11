package io.scopegate.gateway.limit;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.gateway.access.AccessDecision;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.meter.AnswerMeter;
import io.scopegate.gateway.meter.BodyMeter;
import io.scopegate.gateway.meter.CostPlace;
import io.scopegate.gateway.meter.Measure;
import io.scopegate.gateway.meter.MeterPool;
import io.scopegate.gateway.meter.QueryRange;
import io.scopegate.gateway.meter.QuerySize;
import io.scopegate.gateway.meter.RangePlace;
import io.scopegate.gateway.meter.SizePlace;
import io.scopegate.gateway.route.Endpoint;
import io.scopegate.gateway.route.Operation;
import io.scopegate.gateway.route.Routed;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Admits the requests of one listener, on one event loop: first by the limits of the listener,
 * before Kubernetes is asked, then by those of the tenant, when it is known. What a request takes
 * is noted in its exchange, which gives it back at the end.
 *
 * <p>With {@code limits.enforce: audit} a request over a limit of its tenant goes on and takes
 * nothing from it, as if it had been refused: so what is counted is what would be refused. Its
 * memory is bounded as always.
 */
public final class AdmissionControl {
  private static final AsciiString GRPC_ENCODING = AsciiString.cached("grpc-encoding");
  private static final AsciiString IDENTITY = HttpHeaderValues.IDENTITY;

  /** What limits refuse; all other refusals protect the gateway itself. */
  private static final Set<Refusal.Reason> OF_LIMITS =
      EnumSet.of(
          Refusal.Reason.LIMITED,
          Refusal.Reason.TOO_LARGE,
          Refusal.Reason.RANGE_TOO_LONG,
          Refusal.Reason.QUERY_TOO_LARGE,
          Refusal.Reason.UNSUPPORTED_CODING,
          Refusal.Reason.MALFORMED);

  private final Limiter limiter;
  private final RecentTenants recent;
  private final ListenerLimiter ceiling;
  private final Delays delays;
  private final MeterPool pool;
  private final RecentlyOver over;

  AdmissionControl(
      Limiter limiter,
      RecentTenants recent,
      ListenerLimiter ceiling,
      Delays delays,
      MeterPool pool) {
    this.limiter = limiter;
    this.recent = recent;
    this.ceiling = ceiling;
    this.delays = delays;
    this.pool = pool;
    this.over = new RecentlyOver(limiter.nanos(), delays);
  }

  /** A request has begun; why the listener takes no more of them, or null. */
  public @Nullable Refusal begin(Exchange x) {
    if (!ceiling.isSet()) {
      return null;
    }
    Refusal refusal = ceiling.begin();
    if (refusal == null) {
      x.admitted(ceiling, null);
    }
    return refusal;
  }

  /**
   * A request may go on as far as access is concerned.
   *
   * @param to where it goes
   * @param end whether it has no body
   * @return why its tenant may not use more; null when it may
   */
  public @Nullable Refusal admit(
      Exchange x, Routed to, Http2Headers head, boolean end, AccessDecision verdict) {
    if (to.served().operation() == Operation.OPEN) {
      return open(x, verdict);
    }
    if (verdict.tenant().isEmpty()) {
      return null; // what is proxied need not name a tenant
    }
    return switch (to.served().traffic().kind()) {
      case INGEST, WRITE -> write(x, to, head, end, recent.of(verdict.tenant()));
      case QUERY -> read(x, to, head, tenants(verdict), LimitKind.CONCURRENT_QUERIES);
      case STREAM -> read(x, to, head, tenants(verdict), LimitKind.CONCURRENT_STREAMS);
      case NONE -> null;
    };
  }

  /** What any valid token opens counts as its caller's. */
  private @Nullable Refusal open(Exchange x, AccessDecision verdict) {
    CallerAdmission caller = limiter.caller(verdict.user());
    Refusal refusal = caller.begin(delays);
    if (refusal == null) {
      x.admitted(caller, caller.share());
    }
    return refusal;
  }

  /** Has the answer read for what it says that the query cost, where that is wanted. */
  public void readAnswer(Exchange x, Endpoint endpoint) {
    CostPlace cost = endpoint.traffic().cost();
    if (cost != CostPlace.NOWHERE && limiter.measuresUsage()) {
      x.readAnswer(new AnswerMeter(cost, endpoint.grpc(), pool));
    }
  }

  /**
   * Looks whether a call that stores is over a rate of its tenant, and takes nothing.
   *
   * @return why it may not go on; null when it may, or when only {@link #begin} and {@link #admit}
   *     can tell
   */
  public @Nullable Refusal stillOver(AccessDecision verdict) {
    return !limiter.enforces() || verdict.tenant().isEmpty()
        ? null
        : over.refusal(recent.of(verdict.tenant()));
  }

  /** Whether the listener may take no more requests, whosesoever they are. */
  public boolean hasCeiling() {
    return ceiling.isSet();
  }

  /**
   * Whether the message of a call that may go on has to be read before it is forwarded, for the
   * range of time that it asks for or how much it wants: then all of it is held, and given to
   * {@link #checkMessage}.
   */
  public boolean readsMessage(Endpoint endpoint, AccessDecision verdict) {
    if (endpoint.traffic().range().form() != RangePlace.Form.MESSAGE) {
      return false;
    }
    List<TenantUsage> tenants = tenants(verdict);
    return QueryRanges.most(tenants) != null || readsSize(endpoint, tenants);
  }

  private static boolean readsSize(Endpoint endpoint, List<TenantUsage> tenants) {
    return !endpoint.traffic().size().isNowhere() && QuerySizes.areLimited(tenants);
  }

  /**
   * Whether a request goes on although it is over a limit, which is noted in its record.
   *
   * @param refusal what {@link #checkMessage} says
   */
  public boolean waives(Exchange x, Refusal refusal) {
    if (limiter.enforces() || !OF_LIMITS.contains(refusal.reason())) {
      return false;
    }
    x.record.overLimit = refusal;
    return true;
  }

  /**
   * Looks at what a call asks for.
   *
   * @param body all of it; null when it is longer than may be held
   * @return why it may not go on; null when it may
   */
  public @Nullable Refusal checkMessage(
      Endpoint endpoint, Http2Headers head, AccessDecision verdict, @Nullable ByteBuf body) {
    if (body == null) {
      return QueryRanges.unreadable();
    }
    List<TenantUsage> tenants = tenants(verdict);
    CharSequence encoding = head.get(GRPC_ENCODING);
    Refusal refusal = null;
    if (QueryRanges.most(tenants) != null) {
      RangePlace place = endpoint.traffic().range();
      QueryRange range = QueryRange.ofGrpcBody(place, encoding, body, pool);
      refusal = QueryRanges.check(range, tenants, limiter.nowMillis());
    }
    if (refusal == null && readsSize(endpoint, tenants)) {
      SizePlace place = endpoint.traffic().size();
      refusal = QuerySizes.check(QuerySize.ofGrpcBody(place, encoding, body, pool), tenants);
    }
    return refusal;
  }

  private List<TenantUsage> tenants(AccessDecision verdict) {
    if (verdict.grounds() == null || verdict.tenant().indexOf('|') < 0) {
      return List.of(recent.of(verdict.tenant()));
    }
    List<TenantUsage> tenants = new ArrayList<>();
    verdict.grounds().tenants().forEach(name -> tenants.add(recent.of(name)));
    return tenants;
  }

  private @Nullable Refusal read(
      Exchange x, Routed to, Http2Headers head, List<TenantUsage> tenants, LimitKind atATime) {
    boolean asks = to.served().traffic().range().form() == RangePlace.Form.QUERY_STRING;
    Refusal tooMuch = asks ? checkQuery(head, tenants) : null;
    if (tooMuch != null && !waives(x, tooMuch)) {
      return tooMuch;
    }
    ReadAdmission.Outcome outcome =
        ReadAdmission.charge(tenants, tooMuch == null ? atATime : null, delays);
    if (outcome.refusal() != null && waives(x, outcome.refusal())) {
      outcome = ReadAdmission.charge(tenants, null, delays);
    }
    if (outcome.admission() != null) {
      x.admitted(outcome.admission(), tenants.get(0).share);
    }
    return outcome.refusal();
  }

  /** As {@link #checkMessage}, of the query of a request target. */
  private @Nullable Refusal checkQuery(Http2Headers head, List<TenantUsage> tenants) {
    Refusal refusal = null;
    if (QueryRanges.most(tenants) != null) {
      QueryRange range = QueryRange.ofHttp(query(head.path()));
      refusal = QueryRanges.check(range, tenants, limiter.nowMillis());
    }
    if (refusal == null && QuerySizes.areLimited(tenants)) {
      refusal = QuerySizes.check(QuerySize.ofHttp(query(head.path())), tenants);
    }
    return refusal;
  }

  private static @Nullable CharSequence query(CharSequence path) {
    int mark = AsciiString.indexOf(path, '?', 0);
    return mark < 0 ? null : path.subSequence(mark + 1, path.length());
  }

  private @Nullable Refusal write(
      Exchange x, Routed to, Http2Headers head, boolean end, TenantUsage tenant) {
    Endpoint endpoint = to.served();
    TenantUsage.Terms terms = tenant.terms();
    long size = end ? 0 : size(endpoint, head);
    Refusal over = unmeasured(endpoint, head, terms, size);
    if (over == null) {
      over = WriteAdmission.charge(tenant, terms, size, delays);
    }
    if (over != null && !waives(x, over)) {
      return over;
    }
    if (over != null && !tenant.share.begin()) {
      return TenantRefusals.share(tenant, delays);
    }
    boolean taken = over == null && terms.rate(LimitKind.INGEST_BYTES) != null;
    BodyMeter meter = size == 0 ? null : meter(to, head, terms, size);
    x.admitted(
        new WriteAdmission(tenant, terms, taken ? Math.max(0, size) : 0, meter, over),
        tenant.share);
    return null;
  }

  /** Why a body cannot be measured that has to be; null when it can. */
  private @Nullable Refusal unmeasured(
      Endpoint endpoint, Http2Headers head, TenantUsage.Terms terms, long size) {
    if (size >= 0 || !isMeasured(terms, size) || !limiter.refusesUnmeasured()) {
      return null;
    }
    CharSequence encoding = encoding(endpoint, head);
    return BodyMeter.measures(encoding) ? null : TenantRefusals.unmeasured(encoding);
  }

  /** A meter, where a limit needs one, or what tenants use is measured. */
  private @Nullable BodyMeter meter(
      Routed to, Http2Headers head, TenantUsage.Terms terms, long size) {
    boolean limited = isMeasured(terms, size);
    boolean used = limiter.measuresUsage();
    if (!limited && !used) {
      return null;
    }
    boolean spans = terms.rate(LimitKind.SPANS) != null || used && to.body().hasSpans();
    Endpoint endpoint = to.served();
    CharSequence encoding = encoding(endpoint, head);
    long bound = terms.largestRequest();
    if (bound == Long.MAX_VALUE && BodyMeter.decodes(encoding)) {
      bound = Measure.MOST_DECODED_BYTES;
    }
    Measure measure = new Measure(to.body(), spans, bound);
    return endpoint.grpc()
        ? BodyMeter.grpc(encoding, measure, pool)
        : BodyMeter.http(encoding, size, measure, pool);
  }

  private static boolean isMeasured(TenantUsage.Terms terms, long size) {
    return size < 0 && terms.largestRequest() != Long.MAX_VALUE
        || terms.rate(LimitKind.SPANS) != null;
  }

  /** All of them, since one receiver takes the first of several and another the last. */
  private static @Nullable CharSequence encoding(Endpoint endpoint, Http2Headers head) {
    AsciiString name = endpoint.grpc() ? GRPC_ENCODING : HttpHeaderNames.CONTENT_ENCODING;
    Iterator<CharSequence> all = head.valueIterator(name);
    if (!all.hasNext()) {
      return null;
    }
    CharSequence first = all.next();
    return all.hasNext() ? String.join(",", head.getAll(name)) : first;
  }

  private static boolean isIdentity(@Nullable CharSequence encoding) {
    return encoding == null || IDENTITY.contentEqualsIgnoreCase(encoding);
  }

  /** The size of the decoded body, when its head tells; negative when not. */
  private static long size(Endpoint endpoint, Http2Headers head) {
    if (endpoint.grpc() || !isIdentity(encoding(endpoint, head))) {
      return -1;
    }
    return head.getLong(HttpHeaderNames.CONTENT_LENGTH, -1);
  }
}
