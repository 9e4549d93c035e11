package io.scopegate.gateway.telemetry;

import io.micrometer.core.instrument.Counter;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.route.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * The meters of requests that are alike in every label, as an entry of {@link RequestIndex}.
 *
 * @param key what they have in common
 * @param requests counts them
 * @param refusals counts them by reason; null when they were not refused
 * @param endpoint the meters of their endpoint
 * @param next the next entry of the same bucket
 */
record RequestMeters(
    Key key,
    Counter requests,
    @Nullable Counter refusals,
    EndpointMeters endpoint,
    @Nullable RequestMeters next) {

  /** The endpoint label of requests that match none. */
  private static final String UNMATCHED = "unmatched";

  void finished(RequestRecord transaction) {
    requests.increment();
    if (refusals != null) {
      refusals.increment();
    }
    endpoint.finished(transaction);
  }

  static String endpointLabel(RequestRecord transaction) {
    Endpoint endpoint = transaction.endpoint;
    return endpoint == null ? UNMATCHED : endpoint.name();
  }

  /**
   * What requests have in common.
   *
   * @param listener the listener's name
   * @param endpoint the endpoint label
   * @param protocol the HTTP version
   * @param status the HTTP status
   * @param grpcStatus the gRPC status or -1
   * @param outcome how they ended
   * @param reason why they were refused, or null
   */
  record Key(
      String listener,
      String endpoint,
      String protocol,
      int status,
      int grpcStatus,
      Outcome outcome,
      Refusal.@Nullable Reason reason) {

    /** Whether a request has these; compares without making a key of it. */
    boolean matches(RequestRecord t, String endpointLabel, Outcome ended) {
      return status == t.status
          && grpcStatus == t.grpcStatus
          && outcome == ended
          && reason == reasonOf(t)
          && endpoint.equals(endpointLabel)
          && listener.equals(t.listener)
          && protocol.equals(t.protocol);
    }

    static Key of(RequestRecord t, String endpointLabel, Outcome ended) {
      return new Key(
          t.listener, endpointLabel, t.protocol, t.status, t.grpcStatus, ended, reasonOf(t));
    }

    private static Refusal.@Nullable Reason reasonOf(RequestRecord t) {
      Refusal refusal = t.refusal;
      return refusal == null ? null : refusal.reason();
    }
  }
}
