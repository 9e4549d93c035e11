package io.scopegate.gateway.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.config.EffectiveYaml;
import io.scopegate.config.JsonSchema;
import io.scopegate.gateway.TestFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The JSON Schema and the loader agree about what fits. */
final class SchemaTest {
  private static final String TEMPO = "tempo: {distributor: d, queryFrontend: q}\n";

  @TempDir private Path directory;
  private final SchemaValidator schema =
      new SchemaValidator(parsed(JsonSchema.of(GatewayConfig.class, "Scopegate")));

  private static Object parsed(String yaml) {
    return new Load(LoadSettings.builder().build()).loadFromString(yaml);
  }

  @ParameterizedTest
  @ValueSource(strings = {"full", "local"})
  void theContractFits(String name) throws IOException {
    String yaml = Files.readString(TestFiles.resource("contract/" + name + ".yaml"));

    assertThat(schema.validate(parsed(yaml))).isEmpty();
  }

  @Test
  void whatIsPrintedFits() {
    GatewayConfig config = TestFiles.load(directory, TEMPO).config();

    assertThat(schema.validate(parsed(EffectiveYaml.of(config)))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "tls: {mode: disabled, minVersion: TLSv1.3}",
        "authorization: {decisionCache: {allowedTtl: 250ms, maxEntries: 1}}",
        "forwarding: {maxBytesInFlight: 1048576, eventLoops: '${LOOPS:-2}'}",
        "tenancy: {source: ['${SOURCE:-header}'], ids: {a: b}}",
        "admin: {address: '[::1]:0'}",
        "authorization: {static: [{group: a, tenants: ['*'], operations: [read, admin]}]}",
        "listeners: {a: {address: 'h:1', serves: [generic-write], upstream: query-frontend}}",
        "listeners: {a: {address: 'h:1', serves: [zipkin, tempo-overrides], upstream: query-frontend}}",
      })
  void bothTakeIt(String yaml) {
    assertThat(TestFiles.problems(TestFiles.load(directory, TEMPO + yaml))).isEmpty();
    assertThat(schema.validate(parsed(TEMPO + yaml))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense: 1",
        "tls: {mode: maybe}",
        "tls: {clientCaFile: [/a]}",
        "authentication: {kubernetes: {mode: never}}",
        "authorization: {decisionCache: {allowedTtl: 5}}",
        "authorization: {decisionCache: {maxEntries: 0}}",
        "authorization: {static: [{user: a, tenants: 5}]}",
        "forwarding: {maxBytesInFlight: many}",
        "forwarding: {eventLoops: [1]}",
        "forwarding: {stripAuthorization: 'no'}",
        "forwarding: {drain: null}",
        "admin: {address: '8080'}",
        "limits: {tenants: {a: {spansPerSecond: -5}}}",
        "listeners: {a: {serves: [otlp-http], upstream: query-frontend}}",
        "listeners: {a: {address: 'h:1', serves: [zipkins], upstream: query-frontend}}",
        "listeners: [a]",
      })
  void bothRefuseIt(String yaml) {
    assertThat(TestFiles.problems(TestFiles.load(directory, TEMPO + yaml))).isNotEmpty();
    assertThat(schema.validate(parsed(TEMPO + yaml))).isNotEmpty();
  }
}
