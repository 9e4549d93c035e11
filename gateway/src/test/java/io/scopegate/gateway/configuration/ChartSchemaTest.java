package io.scopegate.gateway.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.config.JsonSchema;
import io.scopegate.gateway.TestFiles;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The schema of the Helm chart's values has that of the configuration in it, and knows each value.
 * With {@code -Dscopegate.docs.write} the chart's schema is brought up to date instead.
 */
final class ChartSchemaTest {
  private static final Path CHART = Path.of("../deploy/helm/scopegate");
  private static final Path SCHEMA = CHART.resolve("values.schema.json");

  private static JsonObject expected() throws IOException {
    JsonObject configuration = new JsonObject(JsonSchema.of(GatewayConfig.class, "Scopegate"));
    Object shared = configuration.remove("$defs");
    configuration.remove("$schema");
    JsonObject values =
        new JsonObject(Files.readString(TestFiles.resource("chart/values.schema.json")));
    values.getJsonObject("properties").put("config", configuration);
    return values.put("$defs", shared);
  }

  private static Object parsed(String yaml) {
    return new Load(LoadSettings.builder().build()).loadFromString(yaml);
  }

  private static Map<?, ?> defaults() throws IOException {
    return (Map<?, ?>) parsed(Files.readString(CHART.resolve("values.yaml")));
  }

  private static List<Path> valueSets() throws IOException {
    try (Stream<Path> files = Files.list(CHART.resolve("ci"))) {
      return files.sorted().toList();
    }
  }

  @Test
  void theConfigurationsSchemaIsInIt() throws IOException {
    String expected = expected().encodePrettily() + "\n";
    if (System.getProperty("scopegate.docs.write") != null) {
      Files.writeString(SCHEMA, expected);
    }

    assertThat(Files.readString(SCHEMA))
        .as("bring it up to date by: mvn test -pl gateway -am -Dscopegate.docs.write")
        .isEqualTo(expected);
  }

  @Test
  void everyValueIsInTheSchemaAndTheOtherWayRound() throws IOException {
    JsonObject properties = expected().getJsonObject("properties");
    properties.remove("global");

    assertThat(properties.fieldNames())
        .containsExactlyInAnyOrderElementsOf(
            defaults().keySet().stream().map(String::valueOf).toList());
  }

  @ParameterizedTest
  @MethodSource("valueSets")
  void aTestedSetOfValuesFits(Path file) throws IOException {
    SchemaValidator schema = new SchemaValidator(parsed(expected().encode()));

    assertThat(schema.validate(parsed(Files.readString(file)))).isEmpty();
  }

  @Test
  void theDefaultsFit() throws IOException {
    SchemaValidator schema = new SchemaValidator(parsed(expected().encode()));

    assertThat(schema.validate(defaults())).isEmpty();
  }

  @Test
  void aWrongKeyOfTheConfigurationIsNamed() throws IOException {
    SchemaValidator schema = new SchemaValidator(parsed(expected().encode()));

    assertThat(schema.validate(parsed("config: {tempoo: {}}")).toString()).contains("tempoo");
  }
}
