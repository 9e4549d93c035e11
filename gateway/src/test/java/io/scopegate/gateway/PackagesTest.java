package io.scopegate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Packages depend on each other in one direction only. It is read from the imports of the sources,
 * so it needs no library that has to know the newest class files.
 */
final class PackagesTest {
  private static final Pattern PACKAGE =
      Pattern.compile("^package ([a-z.0-9]+);", Pattern.MULTILINE);
  private static final Pattern IMPORT =
      Pattern.compile(
          "^import (?:static )?(io\\.scopegate(?:\\.[a-z][a-z0-9]*)*)\\.", Pattern.MULTILINE);

  /**
   * The layers, from the lowest: a package may use those of earlier lines only. The picture in the
   * module's README is this list.
   */
  private static final Map<String, List<List<String>>> LAYERS =
      Map.of(
          "config", List.of(List.of("")),
          "authz",
              List.of(List.of("http"), List.of(""), List.of("kubernetes"), List.of("decision")),
          "gateway",
              List.of(
                  List.of("json", "meter", "traffic"),
                  List.of("answer"),
                  List.of("route"),
                  List.of("access", "tls"),
                  List.of("otlp"),
                  List.of("telemetry"),
                  List.of("exchange"),
                  List.of("http"),
                  List.of("limit"),
                  List.of("listen", "forward"),
                  List.of("request", "probe"),
                  List.of("explain"),
                  List.of("admin"),
                  List.of("configuration"),
                  List.of("reload", "importing", "warmup"),
                  List.of(""),
                  List.of("doctor", "top"),
                  List.of("cli")));

  /** Modules from the lowest. */
  private static final List<String> MODULES = List.of("config", "authz", "gateway");

  /**
   * Imports of a module's main sources.
   *
   * @return packages by the package that uses them, without the package itself
   */
  private static Map<String, Set<String>> imports(String module) throws IOException {
    Path sources = Path.of("..", module, "src", "main", "java");
    Map<String, Set<String>> all = new TreeMap<>();
    try (Stream<Path> files = Files.walk(sources)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
        String text = Files.readString(file);
        Matcher own = PACKAGE.matcher(text);
        assertThat(own.find()).as("%s has a package", file).isTrue();
        Set<String> used = all.computeIfAbsent(own.group(1), p -> new TreeSet<>());
        IMPORT.matcher(text).results().map(found -> found.group(1)).forEach(used::add);
        used.remove(own.group(1));
      }
    }
    return all;
  }

  private static Map<String, Integer> ranks(String module) {
    Map<String, Integer> ranks = new HashMap<>();
    List<List<String>> layers = LAYERS.get(module);
    for (int i = 0; i < layers.size(); i++) {
      for (String name : layers.get(i)) {
        ranks.put("io.scopegate." + module + (name.isEmpty() ? "" : "." + name), i);
      }
    }
    return ranks;
  }

  @ParameterizedTest
  @CsvSource({"config", "authz", "gateway"})
  void everyPackageUsesLowerLayersOnly(String module) throws IOException {
    Map<String, Integer> ranks = ranks(module);
    Map<String, Set<String>> imports = imports(module);

    assertThat(imports.keySet())
        .as("packages that have a layer")
        .isEqualTo(new TreeSet<>(ranks.keySet()));
    List<String> wrong = new ArrayList<>();
    imports.forEach((user, used) ->
        used.stream()
            .filter(ranks::containsKey)
            .filter(other -> ranks.get(other) >= ranks.get(user))
            .forEach(other -> wrong.add(user + " -> " + other)));
    assertThat(wrong).as("edges against the order of the layers").isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"config", "authz", "gateway"})
  void aModuleUsesLowerModulesOnly(String module) throws IOException {
    Set<String> used = new LinkedHashSet<>();
    imports(module).values().forEach(used::addAll);

    List<String> allowed = MODULES.subList(0, MODULES.indexOf(module) + 1);
    assertThat(used).allMatch(name -> allowed.contains(name.split("\\.")[2]), "of " + allowed);
  }

  @Test
  void seesTheImportsThatThereAre() throws IOException {
    assertThat(imports("gateway").get("io.scopegate.gateway.request"))
        .contains("io.scopegate.gateway.forward", "io.scopegate.gateway.limit");
    assertThat(imports("authz").get("io.scopegate.authz.decision")).contains("io.scopegate.config");
  }
}
