package io.scopegate.testkit.tempo;

import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.scopegate.testkit.tempo.proto.OpenCensusAnswer;
import io.scopegate.testkit.tempo.proto.OpenCensusExport;
import io.scopegate.testkit.tempo.proto.PostSpansRequest;
import io.scopegate.testkit.tempo.proto.PostSpansResponse;
import io.scopegate.testkit.tempo.proto.QueryInstantRequest;
import io.scopegate.testkit.tempo.proto.QueryInstantResponse;
import io.scopegate.testkit.tempo.proto.QueryRangeRequest;
import io.scopegate.testkit.tempo.proto.QueryRangeResponse;
import io.scopegate.testkit.tempo.proto.SearchRequest;
import io.scopegate.testkit.tempo.proto.SearchResponse;
import io.scopegate.testkit.tempo.proto.SearchTagValuesRequest;
import io.scopegate.testkit.tempo.proto.SearchTagValuesResponse;
import io.scopegate.testkit.tempo.proto.SearchTagValuesV2Response;
import io.scopegate.testkit.tempo.proto.SearchTagsRequest;
import io.scopegate.testkit.tempo.proto.SearchTagsResponse;
import io.scopegate.testkit.tempo.proto.SearchTagsV2Response;
import io.vertx.grpc.common.GrpcMessageDecoder;
import io.vertx.grpc.common.GrpcMessageEncoder;
import io.vertx.grpc.common.ServiceMethod;
import io.vertx.grpc.common.ServiceName;

/**
 * The gRPC methods that the stand-in serves, as a client calls them and as a server is called. A
 * test's Vert.x gRPC client takes {@link Method#client()}.
 */
public final class Grpc {
  private static final ServiceName QUERIER = ServiceName.create("tempopb.StreamingQuerier");
  private static final ServiceName TRACES =
      ServiceName.create("opentelemetry.proto.collector.trace.v1.TraceService");

  /** Writes spans. */
  public static final Method<ExportTraceServiceRequest, ExportTraceServiceResponse> EXPORT =
      method(
          TRACES,
          "Export",
          ExportTraceServiceRequest.getDefaultInstance(),
          ExportTraceServiceResponse.getDefaultInstance());

  /** Writes spans of Jaeger. */
  public static final Method<PostSpansRequest, PostSpansResponse> POST_SPANS =
      method(
          ServiceName.create("jaeger.api_v2.CollectorService"),
          "PostSpans",
          PostSpansRequest.getDefaultInstance(),
          PostSpansResponse.getDefaultInstance());

  /** Writes spans of OpenCensus, message by message until the client ends. */
  public static final Method<OpenCensusExport, OpenCensusAnswer> OPENCENSUS_EXPORT =
      method(
          ServiceName.create("opencensus.proto.agent.trace.v1.TraceService"),
          "Export",
          OpenCensusExport.getDefaultInstance(),
          OpenCensusAnswer.getDefaultInstance());

  /** Searches, by message. */
  public static final Method<SearchRequest, SearchResponse> SEARCH =
      querier("Search", SearchRequest.getDefaultInstance(), SearchResponse.getDefaultInstance());

  /** Names of tags. */
  public static final Method<SearchTagsRequest, SearchTagsResponse> SEARCH_TAGS =
      querier(
          "SearchTags",
          SearchTagsRequest.getDefaultInstance(),
          SearchTagsResponse.getDefaultInstance());

  /** Names of tags by scope. */
  public static final Method<SearchTagsRequest, SearchTagsV2Response> SEARCH_TAGS_V2 =
      querier(
          "SearchTagsV2",
          SearchTagsRequest.getDefaultInstance(),
          SearchTagsV2Response.getDefaultInstance());

  /** Values of a tag. */
  public static final Method<SearchTagValuesRequest, SearchTagValuesResponse> SEARCH_TAG_VALUES =
      querier(
          "SearchTagValues",
          SearchTagValuesRequest.getDefaultInstance(),
          SearchTagValuesResponse.getDefaultInstance());

  /** Values of a tag and their types. */
  public static final Method<SearchTagValuesRequest, SearchTagValuesV2Response>
      SEARCH_TAG_VALUES_V2 =
          querier(
              "SearchTagValuesV2",
              SearchTagValuesRequest.getDefaultInstance(),
              SearchTagValuesV2Response.getDefaultInstance());

  /** Metrics over time. */
  public static final Method<QueryRangeRequest, QueryRangeResponse> METRICS_QUERY_RANGE =
      querier(
          "MetricsQueryRange",
          QueryRangeRequest.getDefaultInstance(),
          QueryRangeResponse.getDefaultInstance());

  /** Metrics over one span of time. */
  public static final Method<QueryInstantRequest, QueryInstantResponse> METRICS_QUERY_INSTANT =
      querier(
          "MetricsQueryInstant",
          QueryInstantRequest.getDefaultInstance(),
          QueryInstantResponse.getDefaultInstance());

  private Grpc() {}

  private static <I extends Message, O extends Message> Method<I, O> querier(
      String name, I request, O response) {
    return method(QUERIER, name, request, response);
  }

  private static <I extends Message, O extends Message> Method<I, O> method(
      ServiceName service, String name, I request, O response) {
    return new Method<>(service, name, request, response);
  }

  /**
   * One method.
   *
   * @param service its service
   * @param name its name
   * @param request the default request
   * @param response the default response
   * @param <I> what is asked
   * @param <O> what is answered
   */
  public record Method<I extends Message & MessageLite, O extends Message & MessageLite>(
      ServiceName service, String name, I request, O response) {

    /** As a client calls it. */
    public ServiceMethod<O, I> client() {
      GrpcMessageEncoder<I> encoder = GrpcMessageEncoder.encoder();
      GrpcMessageDecoder<O> decoder = GrpcMessageDecoder.decoder(response);
      return ServiceMethod.client(service, name, encoder, decoder);
    }

    /** As a server is called. */
    public ServiceMethod<I, O> server() {
      GrpcMessageEncoder<O> encoder = GrpcMessageEncoder.encoder();
      GrpcMessageDecoder<I> decoder = GrpcMessageDecoder.decoder(request);
      return ServiceMethod.server(service, name, encoder, decoder);
    }
  }
}
