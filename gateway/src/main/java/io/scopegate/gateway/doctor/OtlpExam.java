package io.scopegate.gateway.doctor;

import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.otlp.OtlpClient;
import io.scopegate.gateway.otlp.OtlpConfig;
import io.scopegate.gateway.otlp.OtlpSignal;
import io.scopegate.gateway.otlp.OtlpTls;
import io.scopegate.gateway.probe.Finding;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Sends receivers of OTLP an empty request, which each of them takes. */
final class OtlpExam {
  private final GatewayConfig config;
  private final Duration timeout;
  private final List<Finding> findings = new ArrayList<>();

  OtlpExam(GatewayConfig config, Duration timeout) {
    this.config = config;
    this.timeout = timeout;
  }

  List<Finding> examine() {
    OtlpConfig traces = config.tracing().otlp();
    if (traces != null) {
      ask("tracing.otlp", traces, OtlpSignal.TRACES);
    }
    OtlpConfig logs = config.log().otlp();
    if (logs != null) {
      ask("log.otlp", logs, OtlpSignal.LOGS);
    }
    return findings;
  }

  private void ask(String key, OtlpConfig receiver, OtlpSignal signal) {
    try (OtlpClient client = new OtlpClient(new OtlpTls(receiver), signal, "doctor")) {
      OtlpClient.Answer answer = client.send(new byte[0], timeout);
      String problem = answer.problem();
      findings.add(
          problem.isEmpty()
              ? Finding.ok(key, client.url() + " takes " + signal.label())
              : Finding.warning(key, client.url() + ": " + problem, remedy(answer.status())));
    } catch (IOException e) {
      findings.add(Finding.error(key, "" + e.getMessage(), "check tls of " + key));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String remedy(int status) {
    return switch (status) {
      case 0 -> "check endpoint, tls and network policies; requests are served without it";
      case 401, 403 -> "check headers and tenant: it does not accept them";
      case 404, 405 ->
          "check endpoint: OTLP over HTTP is on another port or path there, often 4318";
      default -> "look at its log";
    };
  }
}
