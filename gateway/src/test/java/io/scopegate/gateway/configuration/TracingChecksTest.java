package io.scopegate.gateway.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TracingChecksTest extends CheckedConfig {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{ratio: 1}",
        "{ratio: 0.25, otlp: {endpoint: 'http://tempo:4318'}}",
        "{otlp: {endpoint: 'http://tempo:4318/otlp/v1/traces', tenant: ops}}",
        "{otlp: {endpoint: 'https://tempo', tls: {serverName: a}, headers: {authorization: 'B x'}}}",
        "{spansPerSecond: 0, refusalsPerSecond: 0, user: true}",
      })
  void whatIsSoundIsAccepted(String tracing) {
    assertThat(problems(TEMPO + "tracing: " + tracing)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ratio: 1.5} | tracing.ratio",
        "{ratio: -1} | tracing.ratio",
        "{otlp: {}} | tracing.otlp.endpoint",
        "{otlp: {endpoint: 'tempo:4318'}} | tracing.otlp.endpoint",
        "{otlp: {endpoint: 'grpc://tempo:4317'}} | tracing.otlp.endpoint",
        "{otlp: {endpoint: 'http://a:b@tempo'}} | tracing.otlp.endpoint",
        "{otlp: {endpoint: 'http://tempo/?x'}} | tracing.otlp.endpoint",
        "{otlp: {endpoint: 'http://tempo', tls: {serverName: a}}} | tracing.otlp.tls",
        "{otlp: {endpoint: 'https://tempo', tls: {keyFile: /x}}} | tracing.otlp.tls.certificateFile",
        "{otlp: {endpoint: 'http://tempo', headers: {'a b': c}}} | tracing.otlp.headers",
        "{otlp: {endpoint: 'http://tempo', headers: {Host: c}}} | tracing.otlp.headers.Host",
        "{otlp: {endpoint: 'http://tempo', headers: {a: \"x\\ny\"}}} | tracing.otlp.headers.a",
        "{otlp: {endpoint: 'http://tempo', tenant: ''}} | tracing.otlp.tenant",
        "{otlp: {endpoint: 'http://tempo', timeout: 0s}} | tracing.otlp.timeout",
      })
  void whatIsNotIsNamed(String tracing, String path) {
    assertThat(problems(TEMPO + "tracing: " + tracing).toString()).contains(path);
  }

  @Test
  void aHeadersValueIsNotShown() {
    assertThat(
            problems(TEMPO + "tracing: {otlp: {endpoint: 'http://t', headers: {a: \"s3cret\\n\"}}}")
                .toString())
        .contains("tracing.otlp.headers.a")
        .doesNotContain("s3cret");
  }
}
