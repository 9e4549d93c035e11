package io.scopegate.gateway.limit;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.scopegate.gateway.access.AccessDecision;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.exchange.Exchange;
import io.scopegate.gateway.meter.BodyMeter;
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
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Admits the requests of one listener, on one event loop: first by the limits of the listener,
 * before Kubernetes is asked, then by those of the tenant, when it is known. What a request takes
 * is noted in its exchange, which gives it back at the end.
 */
public final class AdmissionControl {
  private static final AsciiString GRPC_ENCODING = AsciiString.cached("grpc-encoding");
  private static final AsciiString IDENTITY = HttpHeaderValues.IDENTITY;

  private final Limiter limiter;
  private final RecentTenants recent;
  private final ListenerLimiter ceiling;
  private final Delays delays;
  private final MeterPool pool;

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

  /**
   * Looks whether a call that stores is over a rate of its tenant, and takes nothing.
   *
   * @return why it may not go on; null when it may, or when only {@link #begin} and {@link #admit}
   *     can tell
   */
  public @Nullable Refusal stillOver(Endpoint endpoint, AccessDecision verdict) {
    if (ceiling.isSet()
        || !endpoint.grpc()
        || !endpoint.traffic().stores()
        || verdict.tenant().isEmpty()) {
      return null;
    }
    TenantUsage tenant = recent.of(verdict.tenant());
    return WriteAdmission.stillOver(tenant, tenant.terms(), delays);
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
    if (to.served().traffic().range().form() == RangePlace.Form.QUERY_STRING) {
      Refusal tooMuch = checkQuery(head, tenants);
      if (tooMuch != null) {
        return tooMuch;
      }
    }
    ReadAdmission.Outcome outcome = ReadAdmission.charge(tenants, atATime, delays);
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
    if (size < 0 && isMeasured(terms, size) && limiter.refusesUnmeasured()) {
      CharSequence encoding = encoding(endpoint, head);
      if (!BodyMeter.measures(encoding)) {
        return TenantRefusals.unmeasured(encoding);
      }
    }
    Refusal refusal = WriteAdmission.charge(tenant, terms, size, delays);
    if (refusal != null) {
      return refusal;
    }
    BodyMeter meter = size == 0 ? null : meter(to, head, terms, size);
    x.admitted(
        new WriteAdmission(
            tenant,
            terms,
            terms.rate(LimitKind.INGEST_BYTES) == null ? 0 : Math.max(0, size),
            meter),
        tenant.share);
    return null;
  }

  /** A meter, where a limit needs one. */
  private @Nullable BodyMeter meter(
      Routed to, Http2Headers head, TenantUsage.Terms terms, long size) {
    if (!isMeasured(terms, size)) {
      return null;
    }
    boolean spans = terms.rate(LimitKind.SPANS) != null;
    Endpoint endpoint = to.served();
    Measure measure = new Measure(to.body(), spans, terms.largestRequest());
    CharSequence encoding = encoding(endpoint, head);
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
