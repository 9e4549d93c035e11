package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the tools that chart authors use say of the chart: Helm's linter, helm-unittest,
 * kubeconform.
 */
class ChartToolsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);

  /** Of the API groups that the chart has objects of; others' kinds are in {@link ChartIT}. */
  private static final List<String> GROUPS =
      List.of(
          "api/v1",
          "apis/apps/v1",
          "apis/autoscaling/v2",
          "apis/networking.k8s.io/v1",
          "apis/policy/v1",
          "apis/rbac.authorization.k8s.io/v1");

  private static List<Path> valueSets() throws IOException {
    try (Stream<Path> files = Files.list(Helm.CHART.resolve("ci"))) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("valueSets")
  void theLinterHasNothingToSay(Path values) {
    Part.Ended ended = new Helm().lint("-f", values.toString());

    assertThat(ended.code()).as(ended.output()).isZero();
    assertThat(ended.output()).doesNotContain("[ERROR]", "[WARNING]");
  }

  @Test
  void theTestsOfTheChartPass() throws IOException {
    Path unittest = Parts.need("helm-unittest");
    Part.Ended ended =
        Part.run(
            "helm-unittest",
            Scratch.directory("helm-unittest"),
            Map.of(),
            PATIENCE,
            List.of(unittest.toString(), Helm.CHART.toString()));

    assertThat(ended.code()).as(ended.output()).isZero();
    try (Stream<Path> suites = Files.list(Helm.CHART.resolve("tests"))) {
      long all = suites.filter(file -> file.toString().endsWith("_test.yaml")).count();
      assertThat(ended.output()).contains("Test Suites: %1$d passed, %1$d total".formatted(all));
    }
  }

  /** By the schemas that the API server publishes, with no other keys allowed. */
  @Test
  void everyObjectFitsTheApiServersSchemas() throws IOException {
    Path kubeconform = Parts.need("kubeconform");
    Helm helm = new Helm();
    Path directory = Scratch.directory("kubeconform");
    schemas(directory);
    List<String> command =
        new ArrayList<>(
            List.of(
                kubeconform.toString(),
                "-strict",
                "-summary",
                "-ignore-missing-schemas",
                "-schema-location",
                directory + "/{{ .ResourceKind }}-{{ .ResourceAPIVersion }}.json"));
    int objects = 0;
    String text = "";
    for (Path values : valueSets()) {
      List<Manifest> rendered = helm.render("sg", "-n", "gate", "-f", values.toString());
      objects += rendered.size();
      text = String.join("\n---\n", rendered.stream().map(Manifest::text).toList());
      command.add(Scratch.write(directory.resolve(values.getFileName()), text).toString());
    }

    Part.Ended ended = Part.run("kubeconform", directory, Map.of(), PATIENCE, command);

    assertThat(ended.code()).as(ended.output()).isZero();
    assertThat(ended.output())
        .contains("Summary: %d resources".formatted(objects), "Invalid: 0, Errors: 0");
    Scratch.write(directory.resolve("wrong.yaml"), text.replace("replicas:", "replicaz:"));
    command.add(directory + "/wrong.yaml");
    Part.Ended wrong = Part.run("kubeconform", directory, Map.of(), PATIENCE, command);
    assertThat(wrong.code()).isNotZero();
    assertThat(wrong.output()).contains("replicaz", "Invalid: 1, Errors: 0");
  }

  /** One file for each kind, with all that it refers to. */
  private static void schemas(Path directory) {
    for (String group : GROUPS) {
      JsonObject schemas =
          Cluster.shared().openApi(group).getJsonObject("components").getJsonObject("schemas");
      schemas.forEach(entry -> close((JsonObject) entry.getValue()));
      for (String name : schemas.fieldNames()) {
        JsonArray kinds =
            schemas
                .getJsonObject(name)
                .getJsonArray("x-kubernetes-group-version-kind", new JsonArray());
        if (kinds.size() == 1) {
          JsonObject kind = kinds.getJsonObject(0);
          Scratch.write(
              directory.resolve(
                  kind.getString("kind").toLowerCase(Locale.ROOT)
                      + "-"
                      + kind.getString("version")
                      + ".json"),
              new JsonObject()
                  .put("$ref", "#/components/schemas/" + name)
                  .put("components", new JsonObject().put("schemas", schemas))
                  .encode());
        }
      }
    }
  }

  private static void close(JsonObject schema) {
    if (schema.containsKey("properties")) {
      schema.put("additionalProperties", false);
    }
  }
}
