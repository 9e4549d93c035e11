package io.scopegate.gateway.doctor;

import io.scopegate.config.Secret;
import io.scopegate.gateway.OneShotExplain;
import io.scopegate.gateway.answer.Refusal;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.explain.ExplainRequest;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.probe.Finding;
import io.scopegate.gateway.route.Protocol;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a caller may do: what {@code explain} says about the requests that are sent most. */
final class CallerExam {
  private static final String EXPORT = "opentelemetry.proto.collector.trace.v1.TraceService/Export";
  private static final String STREAM = "tempopb.StreamingQuerier/Search";

  private final GatewayConfig config;
  private final Doctor.Caller caller;
  private final Duration timeout;
  private final List<Finding> findings = new ArrayList<>();
  private boolean anyAllowed;
  private boolean isUnknown;

  CallerExam(GatewayConfig config, Doctor.Caller caller, Duration timeout) {
    this.config = config;
    this.caller = caller;
    this.timeout = timeout;
  }

  List<Finding> examine() {
    Secret token = caller.token();
    if (token == null) {
      return findings;
    }
    config.listeners().forEach((name, listener) -> ask(name, listener, token));
    if (!anyAllowed && !isUnknown && !findings.isEmpty()) {
      findings.add(
          Finding.error(
              "caller",
              "nothing that was tried is allowed",
              "grant a right that is named above, or use the token of another account"));
    }
    return findings;
  }

  private void ask(String name, ListenerConfig listener, Secret token) {
    if (listener.serves(Protocol.OTLP_GRPC)) {
      ask(name, "store traces by OTLP/gRPC", null, EXPORT, token);
    }
    if (listener.serves(Protocol.OTLP_HTTP)) {
      ask(name, "store traces by OTLP/HTTP", "/v1/traces", null, token);
    }
    if (listener.serves(Protocol.TEMPO_QUERY)) {
      ask(name, "search", "/api/search", null, token);
      ask(name, "search by streaming gRPC", null, STREAM, token);
    }
  }

  /** No listener takes such a token, so it is said once. */
  private void unknown(String detail) {
    if (!isUnknown) {
      isUnknown = true;
      findings.add(
          Finding.error(
              "caller",
              "the token is not accepted: " + detail,
              "use a new token, of an issuer and for an audience that this configuration accepts;"
                  + " scopegate explain prints what the token says"));
    }
  }

  private static String remedy(Refusal refusal) {
    return switch (refusal.reason()) {
      case UNDECIDED -> "see to what is named above, and ask again";
      case TENANT_INVALID -> "give --tenant, as clients send X-Scope-OrgID";
      default -> "scopegate explain prints what would allow it";
    };
  }

  private void ask(
      String listener, String what, @Nullable String path, @Nullable String grpc, Secret token) {
    String subject = "listeners." + listener;
    try {
      ExplainRequest request =
          ExplainRequest.of(
              listener,
              null,
              path,
              grpc,
              new ExplainRequest.Headers(null, caller.tenant(), List.of(), null, List.of(token)),
              ExplainRequest.Connection.USUAL);
      Refusal refusal = OneShotExplain.once(config, request, timeout).refusal();
      if (refusal == null) {
        anyAllowed = true;
        findings.add(Finding.ok(subject, "the caller may " + what));
      } else if (refusal.reason() == Refusal.Reason.UNAUTHENTICATED) {
        unknown(refusal.detail());
      } else {
        findings.add(
            Finding.warning(
                subject, "the caller may not " + what + ": " + refusal.detail(), remedy(refusal)));
      }
    } catch (IOException | IllegalArgumentException e) {
      findings.add(
          Finding.error(subject, "it cannot be decided: " + e.getMessage(), "fix what is above"));
    }
  }
}
