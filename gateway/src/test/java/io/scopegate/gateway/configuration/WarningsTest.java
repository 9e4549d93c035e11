package io.scopegate.gateway.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.gateway.TestFiles;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a configuration is warned of although it is valid. */
final class WarningsTest {
  private static final String UPSTREAM = "upstreams: {a: {url: \"http://a:1\"}}\n";

  @TempDir private Path directory;

  private List<String> warnings(String yaml) {
    LoadedConfig loaded = TestFiles.load(directory, yaml);
    assertThat(loaded.problems()).isEmpty();
    int prefix = loaded.file().toString().length() + 1;
    return loaded.warnings().stream().map(w -> w.toString().substring(prefix)).toList();
  }

  private static String listener(String address, String more) {
    return UPSTREAM
        + "listeners:\n  q: {address: \""
        + address
        + "\", upstream: a, "
        + more
        + "}\n";
  }

  @Test
  void theDefaultListenersInClearTextAreOneWarning() {
    assertThat(warnings("tempo: {distributor: d, queryFrontend: q}\n"))
        .singleElement()
        .asString()
        .contains("the default listeners take tokens in clear text on 0.0.0.0:4317, 0.0.0.0:4318")
        .endsWith("(expected: tls.certificateFile and tls.keyFile)");
  }

  @Test
  void aListenerInClearTextThatOthersReachIsAWarning() {
    assertThat(warnings(listener("0.0.0.0:1", "serves: [tempo-query]")))
        .containsExactly(
            "3:6 listeners.q: takes tokens in clear text on 0.0.0.0:1, where others can read them"
                + " (expected: tls.certificateFile and tls.keyFile, or an address on 127.0.0.1)");
    assertThat(
            warnings(
                listener("10.0.0.1:1", "serves: [tempo-query]")
                    + "tls: {mode: optional, selfSigned: true}\n"))
        .singleElement()
        .asString()
        .endsWith("(expected: tls.clearTextTokens: refuse, or tls.mode: required)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tls: {selfSigned: true}",
        "tls: {mode: optional, selfSigned: true, clearTextTokens: refuse}"
      })
  void tlsIsNoWarning(String tls) {
    assertThat(warnings(listener("0.0.0.0:1", "serves: [tempo-query]") + tls + "\n")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:1", "localhost:1", "[::1]:1"})
  void loopbackIsNoWarning(String address) {
    assertThat(warnings(listener(address, "serves: [tempo-query]"))).isEmpty();
  }

  @Test
  void anUpstreamWithoutAListenerIsAWarning() {
    assertThat(
            warnings(
                listener("127.0.0.1:1", "serves: [tempo-query]")
                    .replace("}}\n", "}, b: {url: \"http://b:1\"}}\n")))
        .singleElement()
        .asString()
        .contains("upstreams.b: no listener leads to this upstream");
  }

  @Test
  void grpcWebWithoutGrpcIsAWarning() {
    assertThat(warnings(listener("127.0.0.1:1", "serves: [otlp-http], grpcWeb: true")))
        .singleElement()
        .asString()
        .contains("listeners.q.grpcWeb: true has no effect, since it serves no gRPC");
  }

  @Test
  void aBurstThatIsSmallerThanTheLargestRequestIsAWarning() {
    String limits =
        "limits: {defaults: {ingestBytesPerSecond: 1MB, ingestBurst: 1MB, maxRequestBytes: 16MB}}";
    assertThat(warnings(listener("127.0.0.1:1", "serves: [otlp-http]") + limits))
        .singleElement()
        .asString()
        .contains("limits.defaults.ingestBurst: 1MB ingestBurst is smaller than maxRequestBytes")
        .endsWith("(expected: ingestBurst: 16MB)");
  }

  @Test
  void anIssuerWithoutAPrefixIsAWarningWhereNamesMayMeet() {
    String oidc = "oidc: [{issuer: \"https://i.example\", audiences: [a]}]";
    String listener = listener("127.0.0.1:1", "serves: [otlp-http]");
    assertThat(warnings(listener + "authentication: {" + oidc + "}\n"))
        .singleElement()
        .asString()
        .contains("authentication.oidc[0].usernamePrefix: empty, so a user of https://i.example");
    assertThat(
            warnings(
                listener
                    + "authentication: {kubernetes: {mode: \"off\"}, "
                    + oidc
                    + "}\n"
                    + "authorization: {static: [{group: g, tenants: [t], operations: [read]}]}\n"))
        .isEmpty();
  }
}
