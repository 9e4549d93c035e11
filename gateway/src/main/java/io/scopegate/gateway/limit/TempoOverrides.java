package io.scopegate.gateway.limit;

import io.scopegate.config.ConfigLoader;
import io.scopegate.config.DataSize;
import io.scopegate.config.Key;
import io.scopegate.config.Loaded;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What Tempo's own file of limits per tenant says about ingestion, in its nested form ({@code
 * ingestion: {rate_limit_bytes, burst_size_bytes}}) and in the older flat one ({@code
 * ingestion_rate_limit_bytes}). A tenant's block stands for itself, {@code "*"} for tenants without
 * one. To Tempo a rate that such a block leaves out is zero, so that it refuses everything; here it
 * is that of the defaults. Everything else in the file is Tempo's affair. Immutable.
 *
 * @see <a href="https://grafana.com/docs/tempo/latest/configuration/#overrides">Tempo's
 *     documentation</a>
 */
public final class TempoOverrides {
  /** No file. */
  public static final TempoOverrides NONE = new TempoOverrides(Map.of(), List.of());

  private static final String ANY = "*";
  private static final String RATE = "rate_limit_bytes";
  private static final String BURST = "burst_size_bytes";

  private final Map<String, TenantLimits> blocks;
  private final List<String> warnings;

  private TempoOverrides(Map<String, TenantLimits> blocks, List<String> warnings) {
    this.blocks = Map.copyOf(blocks);
    this.warnings = List.copyOf(warnings);
  }

  /**
   * The file's outermost mapping.
   *
   * @param overrides blocks by tenant id
   */
  record File(@Key(doc = "By tenant.", def = "{}") Map<String, @Nullable Object> overrides) {
    /** Copies the map; a block may be null. */
    File {
      overrides = Collections.unmodifiableMap(new LinkedHashMap<>(overrides));
    }
  }

  /**
   * Reads the file.
   *
   * @throws IOException when it cannot be read or is not valid; the message says where
   */
  public static TempoOverrides read(Path path) throws IOException {
    Loaded<File> loaded = new ConfigLoader<>(File.class, name -> null).load(path);
    if (!loaded.isValid()) {
      throw new IOException(loaded.problems().get(0).toString());
    }
    Map<String, TenantLimits> blocks = new LinkedHashMap<>();
    List<String> warnings = new ArrayList<>();
    for (Map.Entry<String, @Nullable Object> block : loaded.value().overrides().entrySet()) {
      String where = path + " overrides." + block.getKey();
      blocks.put(block.getKey(), block(where, block.getValue(), warnings));
    }
    return new TempoOverrides(blocks, warnings);
  }

  private static TenantLimits block(String where, @Nullable Object value, List<String> warnings)
      throws IOException {
    Map<?, ?> block = mapping(where, value);
    Map<?, ?> ingestion = mapping(where + ".ingestion", block.get("ingestion"));
    DataSize rate = size(where, block, ingestion, RATE);
    DataSize burst = size(where, block, ingestion, BURST);
    String missing = rate == null ? burst == null ? RATE + ", " + BURST : RATE : BURST;
    if (rate == null || burst == null) {
      warnings.add(
          where
              + ": without ingestion."
              + missing
              + ", which Tempo takes for 0 and refuses everything (expected: both); here it is that"
              + " of the defaults");
    }
    return TenantLimits.NONE.withIngestBytes(rate, burst);
  }

  private static Map<?, ?> mapping(String where, @Nullable Object value) throws IOException {
    if (value == null) {
      return Map.of();
    }
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw new IOException(
        where + ": is not a mapping (expected: ingestion: {rate_limit_bytes: 15000000})");
  }

  private static @Nullable DataSize size(
      String where, Map<?, ?> flat, Map<?, ?> nested, String name) throws IOException {
    Object value = nested.get(name);
    if (value == null) {
      value = flat.get("ingestion_" + name);
    }
    if (value == null) {
      return null;
    }
    try {
      return DataSize.ofBytes(new BigDecimal(value.toString()).longValueExact());
    } catch (ArithmeticException | IllegalArgumentException e) {
      throw new IOException(
          where + ": " + name + " is not a number of bytes (expected: such as 15000000)", e);
    }
  }

  /** The limits of a tenant, by the id that upstream knows it by. */
  TenantLimits of(String id) {
    TenantLimits own = blocks.get(id);
    return own == null ? blocks.getOrDefault(ANY, TenantLimits.NONE) : own;
  }

  /** Warnings about blocks that Tempo reads differently than one may expect, one per tenant. */
  public List<String> warnings() {
    return warnings;
  }
}
