package io.scopegate.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scopegate.config.ConfigLoader;
import io.scopegate.config.DataSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Three sources become the limits of a tenant. */
class LimitsTest {
  @TempDir private Path directory;

  private LimitsConfig config(String yaml) {
    return new ConfigLoader<>(LimitsConfig.class, name -> null)
        .parse("limits", yaml.getBytes(StandardCharsets.UTF_8))
        .value();
  }

  private Path overrides(String yaml) throws IOException {
    return Files.writeString(directory.resolve("overrides.yaml"), yaml);
  }

  @Test
  void theTenantsOwnLieOverTemposFileAndThatOverTheDefaults() throws IOException {
    Path file =
        overrides("overrides: {a: {ingestion: {rate_limit_bytes: 2, burst_size_bytes: 3}}}");
    Limits limits =
        Limits.of(
            config(
                """
                defaults: {ingestBytesPerSecond: 1, ingestBurst: 1, spansPerSecond: 7}
                tenants: {a: {ingestBurst: 4, maxRequestBytes: 5}, b: {spansPerSecond: 8}}
                tempoOverridesFile: %s
                """
                    .formatted(file)),
            Map.of());

    TenantLimits a = limits.forTenant("a");
    assertThat(a.ingestBytesPerSecond()).isEqualTo(new DataSize(2));
    assertThat(a.ingestBurst()).isEqualTo(new DataSize(4));
    assertThat(a.maxRequestBytes()).isEqualTo(new DataSize(5));
    assertThat(a.spansPerSecond()).isEqualTo(7);
    TenantLimits b = limits.forTenant("b");
    assertThat(b.ingestBytesPerSecond()).isEqualTo(new DataSize(1));
    assertThat(b.spansPerSecond()).isEqualTo(8);
  }

  @Test
  void thereAreLimitsWhenOneSourceHasAny() throws IOException {
    Path file = overrides("overrides: {a: {ingestion_rate_limit_bytes: 9}}");
    assertThat(Limits.of(config("{}"), Map.of("a", "1")).any()).isFalse();
    assertThat(Limits.of(config("defaults: {spansPerSecond: 1}"), Map.of()).any()).isTrue();
    assertThat(Limits.of(config("tenants: {a: {spansPerSecond: 1}}"), Map.of()).any()).isTrue();
    assertThat(Limits.of(config("tempoOverridesFile: " + file), Map.of()).any()).isTrue();
  }

  @Test
  void bodiesThatCannotBeMeasuredAreRefusedUnlessTheyCountAsTheyCome() throws IOException {
    assertThat(Limits.of(config("{}"), Map.of()).refusesUnmeasured()).isTrue();
    assertThat(Limits.of(config("unmeasuredCodings: count-wire"), Map.of()).refusesUnmeasured())
        .isFalse();
  }

  @Test
  void temposFileKnowsATenantByItsId() throws IOException {
    Path file = overrides("overrides: {'42': {ingestion_rate_limit_bytes: 9}}");
    Limits limits = Limits.of(config("tempoOverridesFile: " + file), Map.of("a", "42"));

    assertThat(limits.forTenant("a").ingestBytesPerSecond()).isEqualTo(new DataSize(9));
    assertThat(limits.forTenant("b")).isEqualTo(TenantLimits.NONE);
  }

  @Test
  void aTenantsBlockHidesTheOneForAll() throws IOException {
    TempoOverrides overrides =
        TempoOverrides.read(
            overrides(
                """
                overrides:
                  "*": {ingestion_rate_limit_bytes: 1, ingestion_burst_size_bytes: 2}
                  a: {ingestion: {rate_limit_bytes: 30000000}}
                  b:
                """));

    assertThat(overrides.of("other").ingestBurst()).isEqualTo(new DataSize(2));
    assertThat(overrides.of("a").ingestBytesPerSecond()).isEqualTo(new DataSize(30_000_000));
    assertThat(overrides.of("a").ingestBurst()).isNull();
    assertThat(overrides.of("b")).isEqualTo(overrides.of("other"));
  }

  @Test
  void whatTempoTakesForZeroIsWarnedAboutOnceForEachTenant() throws IOException {
    TempoOverrides overrides =
        TempoOverrides.read(
            overrides(
                """
                overrides:
                  a: {max_bytes_per_trace: 5, ingestion: {burst_size_bytes: 1}}
                  b: {read: {max_search_duration: 1h}}
                  c: {ingestion: {rate_limit_bytes: 1, burst_size_bytes: 0}}
                """));

    assertThat(overrides.warnings())
        .hasSize(2)
        .anySatisfy(w -> assertThat(w).contains("overrides.a: without ingestion.rate_limit_bytes,"))
        .anySatisfy(w ->
            assertThat(w)
                .contains("overrides.b: without ingestion.rate_limit_bytes, burst_size_bytes,"));
    assertThat(overrides.of("c").ingestBurst()).isEqualTo(new DataSize(0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "overrides: {a: {ingestion: {rate_limit_bytes: many}}}",
        "overrides: {a: {ingestion: {rate_limit_bytes: -1}}}",
        "overrides: {a: {ingestion: {rate_limit_bytes: 1.5}}}",
        "overrides: {a: {ingestion: {rate_limit_bytes: [1]}}}",
        "overrides: {a: {ingestion: 5}}",
        "overrides: {a: [1]}",
        "overrides: [a]",
        "override: {}",
        "overrides: {a: {ingestion: {rate_limit_bytes: 1e999999999}}}",
        "overrides: ["
      })
  void whatIsNoSuchFileSaysWhere(String yaml) throws IOException {
    Path file = overrides(yaml);

    assertThatThrownBy(() -> TempoOverrides.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("overrides.yaml")
        .hasMessageContaining("(expected: ");
  }

  @Test
  void anAbsentBurstIsTheLargerOfOneSecondAndTheLargestRequest() {
    TenantLimits small = limits("ingestBytesPerSecond: 5, maxRequestBytes: 3");
    TenantLimits large = limits("ingestBytesPerSecond: 5, maxRequestBytes: 8");

    assertThat(small.burstBytes()).isEqualTo(5);
    assertThat(small.largestRequestBytes()).isEqualTo(3);
    assertThat(large.burstBytes()).isEqualTo(8);
    assertThat(large.largestRequestBytes()).isEqualTo(8);
    assertThat(TenantLimits.NONE.largestRequestBytes()).isEqualTo(Long.MAX_VALUE);
  }

  private TenantLimits limits(String defaults) {
    return Limits.of(config("defaults: {" + defaults + "}"), Map.of(), TempoOverrides.NONE)
        .forTenant("a");
  }
}
