package io.scopegate.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.scopegate.testkit.tempo.TempoStandIn;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The image that {@code SCOPEGATE_E2E_IMAGE} names; without it, it is skipped. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImageIT {
  private static final long MOST_COMPRESSED_BYTES = 90_000_000;
  private static final Pattern ARCHIVE = Pattern.compile("pkg:maven/[^/]+/([^@]+)@([^?]+)(.*)");
  private static final Pattern CLASSIFIER = Pattern.compile("classifier=([^&]+)");

  private GatewayImage image;
  private JsonObject manifest;
  private JsonObject config;

  @BeforeAll
  void open() {
    assumeTrue(GatewayImage.chosen().isPresent(), "SCOPEGATE_E2E_IMAGE names no image");
    image = GatewayImage.chosen().orElseThrow();
    JsonObject index = json(image.layout().resolve("index.json"));
    manifest = blob(index.getJsonArray("manifests").getJsonObject(0));
    config = blob(manifest.getJsonObject("config"));
  }

  @Test
  void isSmall() {
    long bytes =
        objects(manifest.getJsonArray("layers")).mapToLong(layer -> layer.getLong("size")).sum();

    assertThat(bytes).isBetween(30_000_000L, MOST_COMPRESSED_BYTES);
  }

  @Test
  void hasANumericUserAndTheUsualLabels() {
    JsonObject settings = config.getJsonObject("config");

    assertThat(settings.getString("User")).isEqualTo("65532:65532");
    assertThat(config.getString("os")).isEqualTo("linux");
    assertThat(settings.getJsonArray("Entrypoint").getList())
        .isEqualTo(List.of("/opt/scopegate/bin/scopegate"));
    JsonObject labels = settings.getJsonObject("Labels");
    for (String label :
        List.of(
            "title",
            "description",
            "licenses",
            "vendor",
            "url",
            "source",
            "documentation",
            "version",
            "revision",
            "created")) {
      assertThat(labels.getString("org.opencontainers.image." + label)).as(label).isNotBlank();
    }
    assertThat(labels.getString("org.opencontainers.image.created"))
        .isEqualTo(config.getString("created"));
  }

  /** Nobody who gets in finds anything to run but the program. */
  @Test
  void hasNothingToRunButTheProgram() throws IOException {
    try (Stream<Path> files = Files.walk(image.root())) {
      assertThat(files.filter(Files::isRegularFile).filter(Files::isExecutable))
          .extracting(file -> image.root().relativize(file).toString())
          .filteredOn(file -> !file.endsWith(".so") && !file.contains(".so."))
          .containsExactlyInAnyOrder(
              "opt/scopegate/bin/scopegate",
              "opt/scopegate/lib/runtime/lib/jexec",
              "opt/scopegate/lib/runtime/lib/jspawnhelper");
    }
  }

  /** The training run writes there. */
  @Test
  void hasNothingInTemporaryDirectories() throws IOException {
    for (String directory : List.of("tmp", "home/scopegate", "dev", "proc", "sys")) {
      try (Stream<Path> files = Files.list(image.root().resolve(directory))) {
        assertThat(files).as(directory).isEmpty();
      }
    }
  }

  @Test
  void itsBillOfMaterialsNamesEveryArchiveAndNoOther() throws IOException {
    JsonObject bill = json(image.root().resolve("usr/share/sbom/scopegate.cdx.json"));
    Set<String> named =
        objects(bill.getJsonArray("components"))
            .map(component -> component.getString("purl"))
            .filter(purl -> purl.startsWith("pkg:maven/"))
            .map(ImageIT::fileOf)
            .collect(Collectors.toCollection(TreeSet::new));

    try (Stream<Path> files = Files.list(image.root().resolve("opt/scopegate/lib/app"))) {
      assertThat(named)
          .isEqualTo(
              files
                  .map(file -> file.getFileName().toString())
                  .filter(name -> name.endsWith(".jar"))
                  .collect(Collectors.toCollection(TreeSet::new)));
    }
    assertThat(bill.getString("bomFormat")).isEqualTo("CycloneDX");
    assertThat(objects(bill.getJsonArray("components")).map(one -> one.getString("name")))
        .contains("openjdk", "libc6")
        .doesNotContain("junit-jupiter");
    Set<String> known =
        Stream.concat(
                Stream.of(bill.getJsonObject("metadata").getJsonObject("component")),
                objects(bill.getJsonArray("components")))
            .map(one -> one.getString("bom-ref"))
            .collect(Collectors.toSet());
    assertThat(objects(bill.getJsonArray("dependencies")).map(one -> one.getString("ref")))
        .allMatch(known::contains);
  }

  @Test
  void runsAsItsUserWithARootThatIsReadOnly() {
    try (TempoStandIn tempo = TempoStandIn.start();
        GatewayRun gateway =
            GatewayRun.of(Cluster.shared(), Tempo.portsOf(tempo)).start("numeric")) {
      Path process = gateway.process().files();

      assertThat(Scratch.read(process.resolve("status")))
          .containsPattern("Uid:\\s65532\\s65532\\s65532\\s65532")
          .containsPattern("Gid:\\s65532\\s65532\\s65532\\s65532")
          .containsPattern("Groups:\\s*\\n")
          .containsPattern("CapEff:\\s0+\\n");
      assertThat(Scratch.read(process.resolve("mountinfo")).lines())
          .anyMatch(mount -> mount.matches("\\d+ \\d+ \\S+ \\S+ / ro\\b.*"));
    }
  }

  /** An option that does not fit the cache would turn it off, and nobody would notice. */
  @Test
  void itsCacheIsUsed() {
    Part.Ended ended = image.run(Map.of("JAVA_TOOL_OPTIONS", "-XX:AOTMode=on"), "version");

    assertThat(ended.code()).as(ended.output()).isZero();
    assertThat(ended.output()).contains("Java 25").doesNotContain("[warning]", "[error]");
  }

  @ParameterizedTest
  @CsvSource({
    "'', 128, 40",
    "'', 256, 40",
    "'', 1024, 40",
    "-XX:MaxRAMPercentage=60 -XX:MinRAMPercentage=60, 1024, 60",
    "-Xmx64m, 512, 12.5"
  })
  void theHeapIsAShareOfTheLimit(String options, int mebibytes, double percent) {
    Part.Ended ended =
        image.run(
            Map.of(
                "JAVA_TOOL_OPTIONS",
                options + " -XX:MaxRAM=" + mebibytes + "m -XX:+PrintFlagsFinal"),
            "version");

    Matcher heap = Pattern.compile(" MaxHeapSize += (\\d+) ").matcher(ended.output());
    assertThat(heap.find()).as(ended.output()).isTrue();
    assertThat(Long.parseLong(heap.group(1)) * 100.0 / (mebibytes * (double) (1 << 20)))
        .isBetween(percent - 0.1, percent + 1);
  }

  private static String fileOf(String purl) {
    Matcher archive = ARCHIVE.matcher(purl);
    assertThat(archive.matches()).as(purl).isTrue();
    Matcher classifier = CLASSIFIER.matcher(archive.group(3));
    return archive.group(1)
        + "-"
        + archive.group(2)
        + (classifier.find() ? "-" + classifier.group(1) : "")
        + ".jar";
  }

  private static Stream<JsonObject> objects(JsonArray array) {
    return IntStream.range(0, array.size()).mapToObj(array::getJsonObject);
  }

  private JsonObject blob(JsonObject descriptor) {
    return json(
        image.layout().resolve("blobs").resolve(descriptor.getString("digest").replace(':', '/')));
  }

  private static JsonObject json(Path file) {
    return new JsonObject(Scratch.read(file));
  }
}
