package io.scopegate.testkit.tempo;

import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.scopegate.testkit.tempo.proto.Trace;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The spans of every tenant, kept apart and bounded. Safe for use from any thread. */
public final class SpanStore {
  private final int maxSpansPerTenant;
  private final Map<String, Shelf> tenants = new TreeMap<>();

  SpanStore(int maxSpansPerTenant) {
    this.maxSpansPerTenant = maxSpansPerTenant;
  }

  /** Stores spans for a tenant; a span that is there already is not stored twice. */
  public synchronized void add(String tenant, Collection<ResourceSpans> batches) {
    Shelf shelf = tenants.computeIfAbsent(tenant, t -> new Shelf());
    for (ResourceSpans batch : batches) {
      for (ScopeSpans scope : batch.getScopeSpansList()) {
        for (Span span : scope.getSpansList()) {
          shelf.add(new StoredSpan(batch.getResource(), scope.getScope(), span));
        }
      }
    }
    shelf.trim(maxSpansPerTenant);
  }

  /** The tenants that have written something. */
  public synchronized Set<String> tenants() {
    return new TreeSet<>(tenants.keySet());
  }

  /** How many different spans of a tenant are stored. */
  public synchronized int spanCount(String tenant) {
    Shelf shelf = tenants.get(tenant);
    return shelf == null ? 0 : shelf.spans;
  }

  /** How many traces of a tenant are stored. */
  public synchronized int traceCount(String tenant) {
    Shelf shelf = tenants.get(tenant);
    return shelf == null ? 0 : shelf.traces.size();
  }

  /**
   * The spans of one trace.
   *
   * @param traceId 32 hexadecimal digits
   * @return empty when this tenant has none
   */
  public synchronized List<StoredSpan> trace(String tenant, String traceId) {
    Shelf shelf = tenants.get(tenant);
    Map<String, StoredSpan> trace = shelf == null ? null : shelf.traces.get(traceId);
    return trace == null ? List.of() : List.copyOf(trace.values());
  }

  /** All traces of a tenant, oldest first. */
  public synchronized List<List<StoredSpan>> traces(String tenant) {
    Shelf shelf = tenants.get(tenant);
    return shelf == null
        ? List.of()
        : shelf.traces.values().stream().map(trace -> List.copyOf(trace.values())).toList();
  }

  /** Forgets everything. */
  public synchronized void clear() {
    tenants.clear();
  }

  /** Puts spans together again under their resources and scopes. */
  static Trace assemble(List<StoredSpan> spans) {
    Map<Resource, Map<InstrumentationScope, ScopeSpans.Builder>> grouped = new LinkedHashMap<>();
    for (StoredSpan stored : spans) {
      grouped
          .computeIfAbsent(stored.resource(), r -> new LinkedHashMap<>())
          .computeIfAbsent(stored.scope(), s -> ScopeSpans.newBuilder().setScope(s))
          .addSpans(stored.span());
    }
    Trace.Builder trace = Trace.newBuilder();
    grouped.forEach((resource, scopes) -> {
      ResourceSpans.Builder batch = ResourceSpans.newBuilder().setResource(resource);
      scopes.values().forEach(batch::addScopeSpans);
      trace.addResourceSpans(batch);
    });
    return trace.build();
  }

  private static final class Shelf {
    private final Map<String, Map<String, StoredSpan>> traces = new LinkedHashMap<>();
    private int spans;

    void add(StoredSpan span) {
      Map<String, StoredSpan> trace =
          traces.computeIfAbsent(span.traceId(), id -> new LinkedHashMap<>());
      // A client and a server span may share an id (Zipkin), hence the kind.
      if (trace.putIfAbsent(span.spanId() + span.span().getKindValue(), span) == null) {
        spans++;
      }
    }

    void trim(int maxSpans) {
      Iterator<Map<String, StoredSpan>> oldest = traces.values().iterator();
      while (spans > maxSpans && oldest.hasNext()) {
        spans -= oldest.next().size();
        oldest.remove();
      }
    }
  }
}
