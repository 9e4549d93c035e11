package io.scopegate.gateway.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.config.DataSize;
import io.scopegate.gateway.exchange.HeapShares.Ceilings;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * A start with the values that are shipped logs no warning that memory does not do for its
 * ceilings.
 */
class ShippedMemoryTest {
  private static final Path DEPLOY = Path.of("../deploy");
  private static final Path CHART = DEPLOY.resolve("helm/scopegate");
  private static final Pattern SHARE = Pattern.compile("MaxRAMPercentage=(\\d+)");

  private static Stream<Path> values() throws IOException {
    try (Stream<Path> files = Files.walk(DEPLOY)) {
      return files.filter(ShippedMemoryTest::hasValues).sorted().toList().stream();
    }
  }

  private static boolean hasValues(Path file) {
    return file.toString().matches(".*(-values|/values|/helmchart)\\.yaml")
        && !file.endsWith("tempo-values.yaml");
  }

  @Test
  void findsThem() throws IOException {
    assertThat(values())
        .hasSizeGreaterThan(20)
        .contains(
            CHART.resolve("values.yaml"),
            CHART.resolve("ci/tiny-values.yaml"),
            DEPLOY.resolve("examples/k3s/helmchart.yaml"),
            DEPLOY.resolve("examples/native-sidecar/values.yaml"));
  }

  @ParameterizedTest
  @MethodSource("values")
  void keepsItsPromises(Path file) throws IOException {
    JsonObject values = parsed(Files.readString(CHART.resolve("values.yaml")));
    values.mergeIn(own(parsed(Files.readString(file))), 2);
    JsonObject config = values.getJsonObject("config");
    long memory = bytes(at(values, "resources.limits").getString("memory"));
    Matcher share = SHARE.matcher(values.getString("javaOptions"));
    long heap = memory * (share.find() ? Integer.parseInt(share.group(1)) : 40) / 100;
    HeapShares shares = new HeapShares(heap);
    String inFlight = at(config, "forwarding").getString("maxBytesInFlight");
    int listeners = Math.max(3, at(config, "listeners").size());
    Ceilings ceilings =
        new Ceilings(
            inFlight == null ? shares.bytesInFlight().bytes() : bytes(inFlight),
            shares.requestsInFlight(),
            (long) listeners * shares.connections(),
            at(config, "authorization.decisionCache").getInteger("maxEntries", 50_000)
                + at(config, "authentication.kubernetes.tokenCache")
                    .getInteger("maxEntries", 20_000));

    assertThat(shares.brokenPromises(ceilings, heap, memory)).as("%s", file).isEmpty();
  }

  /** The chart's, where they are those of a dependency or within an object. */
  private static JsonObject own(JsonObject parsed) {
    if (parsed.containsKey("spec")) {
      return parsed(at(parsed, "spec").getString("valuesContent"));
    }
    return parsed.getJsonObject("scopegate", parsed);
  }

  private static JsonObject at(JsonObject object, String path) {
    JsonObject found = object;
    for (String key : path.split("\\.")) {
      found = found.getJsonObject(key) == null ? new JsonObject() : found.getJsonObject(key);
    }
    return found;
  }

  private static long bytes(String size) {
    return DataSize.parse(size.replaceAll("([KMG]i)$", "$1B")).bytes();
  }

  @SuppressWarnings("unchecked")
  private static JsonObject parsed(String yaml) {
    Object loaded = new Load(LoadSettings.builder().build()).loadFromString(yaml);
    return new JsonObject(new JsonObject((Map<String, Object>) loaded).encode());
  }
}
