package io.github.codetable.jiguang.jverification.v1;

import static io.grpc.MethodDescriptor.generateFullMethodName;

/**
 * <pre>
 * VerificationService offers JiGuang JVerification over gRPC. A failing
 * response code is sent as the status of the call, with a google.rpc.ErrorInfo
 * in its details. ResponseCode defines the codes. Tokens and captchas are
 * single-use: repeat a request only if the action is RETRY_ACTION_SAME_REQUEST.
 * The option (codetable.v1.method) is the only list of the codes of a method.
 * Documents, clients and tests read it. The upstream publishes one list for all
 * its methods; the assignment to methods follows its texts. Every method
 * declares PARAMETER_INVALID: the server answers a malformed request with it
 * and does not ask the upstream. A later version of the upstream may answer
 * with codes that no method declares.
 * </pre>
 */
@io.grpc.stub.annotations.GrpcGenerated
public final class VerificationServiceGrpc {

  private VerificationServiceGrpc() {}

  public static final java.lang.String SERVICE_NAME = "jiguang.jverification.v1.VerificationService";

  // Static method descriptors that strictly reflect the proto.
  private static volatile io.grpc.MethodDescriptor<io.github.codetable.jiguang.jverification.v1.VerifyNumberRequest,
      io.github.codetable.jiguang.jverification.v1.VerifyNumberResponse> getVerifyNumberMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "VerifyNumber",
      requestType = io.github.codetable.jiguang.jverification.v1.VerifyNumberRequest.class,
      responseType = io.github.codetable.jiguang.jverification.v1.VerifyNumberResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.codetable.jiguang.jverification.v1.VerifyNumberRequest,
      io.github.codetable.jiguang.jverification.v1.VerifyNumberResponse> getVerifyNumberMethod() {
    io.grpc.MethodDescriptor<io.github.codetable.jiguang.jverification.v1.VerifyNumberRequest, io.github.codetable.jiguang.jverification.v1.VerifyNumberResponse> getVerifyNumberMethod;
    if ((getVerifyNumberMethod = VerificationServiceGrpc.getVerifyNumberMethod) == null) {
      synchronized (VerificationServiceGrpc.class) {
        if ((getVerifyNumberMethod = VerificationServiceGrpc.getVerifyNumberMethod) == null) {
          VerificationServiceGrpc.getVerifyNumberMethod = getVerifyNumberMethod =
              io.grpc.MethodDescriptor.<io.github.codetable.jiguang.jverification.v1.VerifyNumberRequest, io.github.codetable.jiguang.jverification.v1.VerifyNumberResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "VerifyNumber"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.codetable.jiguang.jverification.v1.VerifyNumberRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.codetable.jiguang.jverification.v1.VerifyNumberResponse.getDefaultInstance()))
              .setSchemaDescriptor(new VerificationServiceMethodDescriptorSupplier("VerifyNumber"))
              .build();
        }
      }
    }
    return getVerifyNumberMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.codetable.jiguang.jverification.v1.VerifyNumbersRequest,
      io.github.codetable.jiguang.jverification.v1.VerifyNumbersResponse> getVerifyNumbersMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "VerifyNumbers",
      requestType = io.github.codetable.jiguang.jverification.v1.VerifyNumbersRequest.class,
      responseType = io.github.codetable.jiguang.jverification.v1.VerifyNumbersResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
  public static io.grpc.MethodDescriptor<io.github.codetable.jiguang.jverification.v1.VerifyNumbersRequest,
      io.github.codetable.jiguang.jverification.v1.VerifyNumbersResponse> getVerifyNumbersMethod() {
    io.grpc.MethodDescriptor<io.github.codetable.jiguang.jverification.v1.VerifyNumbersRequest, io.github.codetable.jiguang.jverification.v1.VerifyNumbersResponse> getVerifyNumbersMethod;
    if ((getVerifyNumbersMethod = VerificationServiceGrpc.getVerifyNumbersMethod) == null) {
      synchronized (VerificationServiceGrpc.class) {
        if ((getVerifyNumbersMethod = VerificationServiceGrpc.getVerifyNumbersMethod) == null) {
          VerificationServiceGrpc.getVerifyNumbersMethod = getVerifyNumbersMethod =
              io.grpc.MethodDescriptor.<io.github.codetable.jiguang.jverification.v1.VerifyNumbersRequest, io.github.codetable.jiguang.jverification.v1.VerifyNumbersResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "VerifyNumbers"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.codetable.jiguang.jverification.v1.VerifyNumbersRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.codetable.jiguang.jverification.v1.VerifyNumbersResponse.getDefaultInstance()))
              .setSchemaDescriptor(new VerificationServiceMethodDescriptorSupplier("VerifyNumbers"))
              .build();
        }
      }
    }
    return getVerifyNumbersMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenRequest,
      io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenResponse> getExchangeLoginTokenMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "ExchangeLoginToken",
      requestType = io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenRequest.class,
      responseType = io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenRequest,
      io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenResponse> getExchangeLoginTokenMethod() {
    io.grpc.MethodDescriptor<io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenRequest, io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenResponse> getExchangeLoginTokenMethod;
    if ((getExchangeLoginTokenMethod = VerificationServiceGrpc.getExchangeLoginTokenMethod) == null) {
      synchronized (VerificationServiceGrpc.class) {
        if ((getExchangeLoginTokenMethod = VerificationServiceGrpc.getExchangeLoginTokenMethod) == null) {
          VerificationServiceGrpc.getExchangeLoginTokenMethod = getExchangeLoginTokenMethod =
              io.grpc.MethodDescriptor.<io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenRequest, io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "ExchangeLoginToken"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenResponse.getDefaultInstance()))
              .setSchemaDescriptor(new VerificationServiceMethodDescriptorSupplier("ExchangeLoginToken"))
              .build();
        }
      }
    }
    return getExchangeLoginTokenMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskRequest,
      io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskResponse> getQueryBusinessRiskMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "QueryBusinessRisk",
      requestType = io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskRequest.class,
      responseType = io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskRequest,
      io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskResponse> getQueryBusinessRiskMethod() {
    io.grpc.MethodDescriptor<io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskRequest, io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskResponse> getQueryBusinessRiskMethod;
    if ((getQueryBusinessRiskMethod = VerificationServiceGrpc.getQueryBusinessRiskMethod) == null) {
      synchronized (VerificationServiceGrpc.class) {
        if ((getQueryBusinessRiskMethod = VerificationServiceGrpc.getQueryBusinessRiskMethod) == null) {
          VerificationServiceGrpc.getQueryBusinessRiskMethod = getQueryBusinessRiskMethod =
              io.grpc.MethodDescriptor.<io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskRequest, io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "QueryBusinessRisk"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskResponse.getDefaultInstance()))
              .setSchemaDescriptor(new VerificationServiceMethodDescriptorSupplier("QueryBusinessRisk"))
              .build();
        }
      }
    }
    return getQueryBusinessRiskMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.codetable.jiguang.jverification.v1.CheckCaptchaRequest,
      io.github.codetable.jiguang.jverification.v1.CheckCaptchaResponse> getCheckCaptchaMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "CheckCaptcha",
      requestType = io.github.codetable.jiguang.jverification.v1.CheckCaptchaRequest.class,
      responseType = io.github.codetable.jiguang.jverification.v1.CheckCaptchaResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.codetable.jiguang.jverification.v1.CheckCaptchaRequest,
      io.github.codetable.jiguang.jverification.v1.CheckCaptchaResponse> getCheckCaptchaMethod() {
    io.grpc.MethodDescriptor<io.github.codetable.jiguang.jverification.v1.CheckCaptchaRequest, io.github.codetable.jiguang.jverification.v1.CheckCaptchaResponse> getCheckCaptchaMethod;
    if ((getCheckCaptchaMethod = VerificationServiceGrpc.getCheckCaptchaMethod) == null) {
      synchronized (VerificationServiceGrpc.class) {
        if ((getCheckCaptchaMethod = VerificationServiceGrpc.getCheckCaptchaMethod) == null) {
          VerificationServiceGrpc.getCheckCaptchaMethod = getCheckCaptchaMethod =
              io.grpc.MethodDescriptor.<io.github.codetable.jiguang.jverification.v1.CheckCaptchaRequest, io.github.codetable.jiguang.jverification.v1.CheckCaptchaResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "CheckCaptcha"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.codetable.jiguang.jverification.v1.CheckCaptchaRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.codetable.jiguang.jverification.v1.CheckCaptchaResponse.getDefaultInstance()))
              .setSchemaDescriptor(new VerificationServiceMethodDescriptorSupplier("CheckCaptcha"))
              .build();
        }
      }
    }
    return getCheckCaptchaMethod;
  }

  private static volatile io.grpc.MethodDescriptor<io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginRequest,
      io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginResponse> getEnableOneClickLoginMethod;

  @io.grpc.stub.annotations.RpcMethod(
      fullMethodName = SERVICE_NAME + '/' + "EnableOneClickLogin",
      requestType = io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginRequest.class,
      responseType = io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginResponse.class,
      methodType = io.grpc.MethodDescriptor.MethodType.UNARY)
  public static io.grpc.MethodDescriptor<io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginRequest,
      io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginResponse> getEnableOneClickLoginMethod() {
    io.grpc.MethodDescriptor<io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginRequest, io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginResponse> getEnableOneClickLoginMethod;
    if ((getEnableOneClickLoginMethod = VerificationServiceGrpc.getEnableOneClickLoginMethod) == null) {
      synchronized (VerificationServiceGrpc.class) {
        if ((getEnableOneClickLoginMethod = VerificationServiceGrpc.getEnableOneClickLoginMethod) == null) {
          VerificationServiceGrpc.getEnableOneClickLoginMethod = getEnableOneClickLoginMethod =
              io.grpc.MethodDescriptor.<io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginRequest, io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginResponse>newBuilder()
              .setType(io.grpc.MethodDescriptor.MethodType.UNARY)
              .setFullMethodName(generateFullMethodName(SERVICE_NAME, "EnableOneClickLogin"))
              .setSampledToLocalTracing(true)
              .setRequestMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginRequest.getDefaultInstance()))
              .setResponseMarshaller(io.grpc.protobuf.ProtoUtils.marshaller(
                  io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginResponse.getDefaultInstance()))
              .setSchemaDescriptor(new VerificationServiceMethodDescriptorSupplier("EnableOneClickLogin"))
              .build();
        }
      }
    }
    return getEnableOneClickLoginMethod;
  }

  /**
   * Creates a new async stub that supports all call types for the service
   */
  public static VerificationServiceStub newStub(io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<VerificationServiceStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<VerificationServiceStub>() {
        @java.lang.Override
        public VerificationServiceStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new VerificationServiceStub(channel, callOptions);
        }
      };
    return VerificationServiceStub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports all types of calls on the service
   */
  public static VerificationServiceBlockingV2Stub newBlockingV2Stub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<VerificationServiceBlockingV2Stub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<VerificationServiceBlockingV2Stub>() {
        @java.lang.Override
        public VerificationServiceBlockingV2Stub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new VerificationServiceBlockingV2Stub(channel, callOptions);
        }
      };
    return VerificationServiceBlockingV2Stub.newStub(factory, channel);
  }

  /**
   * Creates a new blocking-style stub that supports unary and streaming output calls on the service
   */
  public static VerificationServiceBlockingStub newBlockingStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<VerificationServiceBlockingStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<VerificationServiceBlockingStub>() {
        @java.lang.Override
        public VerificationServiceBlockingStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new VerificationServiceBlockingStub(channel, callOptions);
        }
      };
    return VerificationServiceBlockingStub.newStub(factory, channel);
  }

  /**
   * Creates a new ListenableFuture-style stub that supports unary calls on the service
   */
  public static VerificationServiceFutureStub newFutureStub(
      io.grpc.Channel channel) {
    io.grpc.stub.AbstractStub.StubFactory<VerificationServiceFutureStub> factory =
      new io.grpc.stub.AbstractStub.StubFactory<VerificationServiceFutureStub>() {
        @java.lang.Override
        public VerificationServiceFutureStub newStub(io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
          return new VerificationServiceFutureStub(channel, callOptions);
        }
      };
    return VerificationServiceFutureStub.newStub(factory, channel);
  }

  /**
   * <pre>
   * VerificationService offers JiGuang JVerification over gRPC. A failing
   * response code is sent as the status of the call, with a google.rpc.ErrorInfo
   * in its details. ResponseCode defines the codes. Tokens and captchas are
   * single-use: repeat a request only if the action is RETRY_ACTION_SAME_REQUEST.
   * The option (codetable.v1.method) is the only list of the codes of a method.
   * Documents, clients and tests read it. The upstream publishes one list for all
   * its methods; the assignment to methods follows its texts. Every method
   * declares PARAMETER_INVALID: the server answers a malformed request with it
   * and does not ask the upstream. A later version of the upstream may answer
   * with codes that no method declares.
   * </pre>
   */
  public interface AsyncService {

    /**
     * <pre>
     * Checks whether a phone number belongs to the phone on which the token was
     * made. If it does not, the code is RESPONSE_CODE_VERIFY_NOT_CONSISTENT.
     * </pre>
     */
    default void verifyNumber(io.github.codetable.jiguang.jverification.v1.VerifyNumberRequest request,
        io.grpc.stub.StreamObserver<io.github.codetable.jiguang.jverification.v1.VerifyNumberResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getVerifyNumberMethod(), responseObserver);
    }

    /**
     * <pre>
     * Calls VerifyNumber for many numbers over one stream. The server answers the
     * items in the order of the requests. Each answer contains the code of its
     * item, so a failed item does not end the stream. The declared codes are
     * those of the items. The stream itself ends with no response code, only with
     * a status without one.
     * </pre>
     */
    default io.grpc.stub.StreamObserver<io.github.codetable.jiguang.jverification.v1.VerifyNumbersRequest> verifyNumbers(
        io.grpc.stub.StreamObserver<io.github.codetable.jiguang.jverification.v1.VerifyNumbersResponse> responseObserver) {
      return io.grpc.stub.ServerCalls.asyncUnimplementedStreamingCall(getVerifyNumbersMethod(), responseObserver);
    }

    /**
     * <pre>
     * Exchanges a one-click login token for the encrypted phone number.
     * BEYOND_DAILY_FREQUENCY_LIMIT is a limit of the AppKey: a server that meets
     * this limit in VerifyNumber may answer logins with it too.
     * </pre>
     */
    default void exchangeLoginToken(io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenRequest request,
        io.grpc.stub.StreamObserver<io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getExchangeLoginTokenMethod(), responseObserver);
    }

    /**
     * <pre>
     * Returns the risk of a phone number. The call may be repeated.
     * </pre>
     */
    default void queryBusinessRisk(io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskRequest request,
        io.grpc.stub.StreamObserver<io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getQueryBusinessRiskMethod(), responseObserver);
    }

    /**
     * <pre>
     * Checks how a person solved a captcha. The upstream does not document the
     * success code. It is SUCCESS unless the gateway is configured otherwise.
     * </pre>
     */
    default void checkCaptcha(io.github.codetable.jiguang.jverification.v1.CheckCaptchaRequest request,
        io.grpc.stub.StreamObserver<io.github.codetable.jiguang.jverification.v1.CheckCaptchaResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getCheckCaptchaMethod(), responseObserver);
    }

    /**
     * <pre>
     * Enables one-click login for an app.
     * </pre>
     */
    default void enableOneClickLogin(io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginRequest request,
        io.grpc.stub.StreamObserver<io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginResponse> responseObserver) {
      io.grpc.stub.ServerCalls.asyncUnimplementedUnaryCall(getEnableOneClickLoginMethod(), responseObserver);
    }
  }

  /**
   * Base class for the server implementation of the service VerificationService.
   * <pre>
   * VerificationService offers JiGuang JVerification over gRPC. A failing
   * response code is sent as the status of the call, with a google.rpc.ErrorInfo
   * in its details. ResponseCode defines the codes. Tokens and captchas are
   * single-use: repeat a request only if the action is RETRY_ACTION_SAME_REQUEST.
   * The option (codetable.v1.method) is the only list of the codes of a method.
   * Documents, clients and tests read it. The upstream publishes one list for all
   * its methods; the assignment to methods follows its texts. Every method
   * declares PARAMETER_INVALID: the server answers a malformed request with it
   * and does not ask the upstream. A later version of the upstream may answer
   * with codes that no method declares.
   * </pre>
   */
  public static abstract class VerificationServiceImplBase
      implements io.grpc.BindableService, AsyncService {

    @java.lang.Override public final io.grpc.ServerServiceDefinition bindService() {
      return VerificationServiceGrpc.bindService(this);
    }
  }

  /**
   * A stub to allow clients to do asynchronous rpc calls to service VerificationService.
   * <pre>
   * VerificationService offers JiGuang JVerification over gRPC. A failing
   * response code is sent as the status of the call, with a google.rpc.ErrorInfo
   * in its details. ResponseCode defines the codes. Tokens and captchas are
   * single-use: repeat a request only if the action is RETRY_ACTION_SAME_REQUEST.
   * The option (codetable.v1.method) is the only list of the codes of a method.
   * Documents, clients and tests read it. The upstream publishes one list for all
   * its methods; the assignment to methods follows its texts. Every method
   * declares PARAMETER_INVALID: the server answers a malformed request with it
   * and does not ask the upstream. A later version of the upstream may answer
   * with codes that no method declares.
   * </pre>
   */
  public static final class VerificationServiceStub
      extends io.grpc.stub.AbstractAsyncStub<VerificationServiceStub> {
    private VerificationServiceStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected VerificationServiceStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new VerificationServiceStub(channel, callOptions);
    }

    /**
     * <pre>
     * Checks whether a phone number belongs to the phone on which the token was
     * made. If it does not, the code is RESPONSE_CODE_VERIFY_NOT_CONSISTENT.
     * </pre>
     */
    public void verifyNumber(io.github.codetable.jiguang.jverification.v1.VerifyNumberRequest request,
        io.grpc.stub.StreamObserver<io.github.codetable.jiguang.jverification.v1.VerifyNumberResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getVerifyNumberMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Calls VerifyNumber for many numbers over one stream. The server answers the
     * items in the order of the requests. Each answer contains the code of its
     * item, so a failed item does not end the stream. The declared codes are
     * those of the items. The stream itself ends with no response code, only with
     * a status without one.
     * </pre>
     */
    public io.grpc.stub.StreamObserver<io.github.codetable.jiguang.jverification.v1.VerifyNumbersRequest> verifyNumbers(
        io.grpc.stub.StreamObserver<io.github.codetable.jiguang.jverification.v1.VerifyNumbersResponse> responseObserver) {
      return io.grpc.stub.ClientCalls.asyncBidiStreamingCall(
          getChannel().newCall(getVerifyNumbersMethod(), getCallOptions()), responseObserver);
    }

    /**
     * <pre>
     * Exchanges a one-click login token for the encrypted phone number.
     * BEYOND_DAILY_FREQUENCY_LIMIT is a limit of the AppKey: a server that meets
     * this limit in VerifyNumber may answer logins with it too.
     * </pre>
     */
    public void exchangeLoginToken(io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenRequest request,
        io.grpc.stub.StreamObserver<io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getExchangeLoginTokenMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Returns the risk of a phone number. The call may be repeated.
     * </pre>
     */
    public void queryBusinessRisk(io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskRequest request,
        io.grpc.stub.StreamObserver<io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getQueryBusinessRiskMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Checks how a person solved a captcha. The upstream does not document the
     * success code. It is SUCCESS unless the gateway is configured otherwise.
     * </pre>
     */
    public void checkCaptcha(io.github.codetable.jiguang.jverification.v1.CheckCaptchaRequest request,
        io.grpc.stub.StreamObserver<io.github.codetable.jiguang.jverification.v1.CheckCaptchaResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getCheckCaptchaMethod(), getCallOptions()), request, responseObserver);
    }

    /**
     * <pre>
     * Enables one-click login for an app.
     * </pre>
     */
    public void enableOneClickLogin(io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginRequest request,
        io.grpc.stub.StreamObserver<io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginResponse> responseObserver) {
      io.grpc.stub.ClientCalls.asyncUnaryCall(
          getChannel().newCall(getEnableOneClickLoginMethod(), getCallOptions()), request, responseObserver);
    }
  }

  /**
   * A stub to allow clients to do synchronous rpc calls to service VerificationService.
   * <pre>
   * VerificationService offers JiGuang JVerification over gRPC. A failing
   * response code is sent as the status of the call, with a google.rpc.ErrorInfo
   * in its details. ResponseCode defines the codes. Tokens and captchas are
   * single-use: repeat a request only if the action is RETRY_ACTION_SAME_REQUEST.
   * The option (codetable.v1.method) is the only list of the codes of a method.
   * Documents, clients and tests read it. The upstream publishes one list for all
   * its methods; the assignment to methods follows its texts. Every method
   * declares PARAMETER_INVALID: the server answers a malformed request with it
   * and does not ask the upstream. A later version of the upstream may answer
   * with codes that no method declares.
   * </pre>
   */
  public static final class VerificationServiceBlockingV2Stub
      extends io.grpc.stub.AbstractBlockingStub<VerificationServiceBlockingV2Stub> {
    private VerificationServiceBlockingV2Stub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected VerificationServiceBlockingV2Stub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new VerificationServiceBlockingV2Stub(channel, callOptions);
    }

    /**
     * <pre>
     * Checks whether a phone number belongs to the phone on which the token was
     * made. If it does not, the code is RESPONSE_CODE_VERIFY_NOT_CONSISTENT.
     * </pre>
     */
    public io.github.codetable.jiguang.jverification.v1.VerifyNumberResponse verifyNumber(io.github.codetable.jiguang.jverification.v1.VerifyNumberRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getVerifyNumberMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Calls VerifyNumber for many numbers over one stream. The server answers the
     * items in the order of the requests. Each answer contains the code of its
     * item, so a failed item does not end the stream. The declared codes are
     * those of the items. The stream itself ends with no response code, only with
     * a status without one.
     * </pre>
     */
    @io.grpc.ExperimentalApi("https://github.com/grpc/grpc-java/issues/10918")
    public io.grpc.stub.BlockingClientCall<io.github.codetable.jiguang.jverification.v1.VerifyNumbersRequest, io.github.codetable.jiguang.jverification.v1.VerifyNumbersResponse>
        verifyNumbers() {
      return io.grpc.stub.ClientCalls.blockingBidiStreamingCall(
          getChannel(), getVerifyNumbersMethod(), getCallOptions());
    }

    /**
     * <pre>
     * Exchanges a one-click login token for the encrypted phone number.
     * BEYOND_DAILY_FREQUENCY_LIMIT is a limit of the AppKey: a server that meets
     * this limit in VerifyNumber may answer logins with it too.
     * </pre>
     */
    public io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenResponse exchangeLoginToken(io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getExchangeLoginTokenMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns the risk of a phone number. The call may be repeated.
     * </pre>
     */
    public io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskResponse queryBusinessRisk(io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getQueryBusinessRiskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Checks how a person solved a captcha. The upstream does not document the
     * success code. It is SUCCESS unless the gateway is configured otherwise.
     * </pre>
     */
    public io.github.codetable.jiguang.jverification.v1.CheckCaptchaResponse checkCaptcha(io.github.codetable.jiguang.jverification.v1.CheckCaptchaRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getCheckCaptchaMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Enables one-click login for an app.
     * </pre>
     */
    public io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginResponse enableOneClickLogin(io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginRequest request) throws io.grpc.StatusException {
      return io.grpc.stub.ClientCalls.blockingV2UnaryCall(
          getChannel(), getEnableOneClickLoginMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do limited synchronous rpc calls to service VerificationService.
   * <pre>
   * VerificationService offers JiGuang JVerification over gRPC. A failing
   * response code is sent as the status of the call, with a google.rpc.ErrorInfo
   * in its details. ResponseCode defines the codes. Tokens and captchas are
   * single-use: repeat a request only if the action is RETRY_ACTION_SAME_REQUEST.
   * The option (codetable.v1.method) is the only list of the codes of a method.
   * Documents, clients and tests read it. The upstream publishes one list for all
   * its methods; the assignment to methods follows its texts. Every method
   * declares PARAMETER_INVALID: the server answers a malformed request with it
   * and does not ask the upstream. A later version of the upstream may answer
   * with codes that no method declares.
   * </pre>
   */
  public static final class VerificationServiceBlockingStub
      extends io.grpc.stub.AbstractBlockingStub<VerificationServiceBlockingStub> {
    private VerificationServiceBlockingStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected VerificationServiceBlockingStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new VerificationServiceBlockingStub(channel, callOptions);
    }

    /**
     * <pre>
     * Checks whether a phone number belongs to the phone on which the token was
     * made. If it does not, the code is RESPONSE_CODE_VERIFY_NOT_CONSISTENT.
     * </pre>
     */
    public io.github.codetable.jiguang.jverification.v1.VerifyNumberResponse verifyNumber(io.github.codetable.jiguang.jverification.v1.VerifyNumberRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getVerifyNumberMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Exchanges a one-click login token for the encrypted phone number.
     * BEYOND_DAILY_FREQUENCY_LIMIT is a limit of the AppKey: a server that meets
     * this limit in VerifyNumber may answer logins with it too.
     * </pre>
     */
    public io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenResponse exchangeLoginToken(io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getExchangeLoginTokenMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Returns the risk of a phone number. The call may be repeated.
     * </pre>
     */
    public io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskResponse queryBusinessRisk(io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getQueryBusinessRiskMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Checks how a person solved a captcha. The upstream does not document the
     * success code. It is SUCCESS unless the gateway is configured otherwise.
     * </pre>
     */
    public io.github.codetable.jiguang.jverification.v1.CheckCaptchaResponse checkCaptcha(io.github.codetable.jiguang.jverification.v1.CheckCaptchaRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getCheckCaptchaMethod(), getCallOptions(), request);
    }

    /**
     * <pre>
     * Enables one-click login for an app.
     * </pre>
     */
    public io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginResponse enableOneClickLogin(io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginRequest request) {
      return io.grpc.stub.ClientCalls.blockingUnaryCall(
          getChannel(), getEnableOneClickLoginMethod(), getCallOptions(), request);
    }
  }

  /**
   * A stub to allow clients to do ListenableFuture-style rpc calls to service VerificationService.
   * <pre>
   * VerificationService offers JiGuang JVerification over gRPC. A failing
   * response code is sent as the status of the call, with a google.rpc.ErrorInfo
   * in its details. ResponseCode defines the codes. Tokens and captchas are
   * single-use: repeat a request only if the action is RETRY_ACTION_SAME_REQUEST.
   * The option (codetable.v1.method) is the only list of the codes of a method.
   * Documents, clients and tests read it. The upstream publishes one list for all
   * its methods; the assignment to methods follows its texts. Every method
   * declares PARAMETER_INVALID: the server answers a malformed request with it
   * and does not ask the upstream. A later version of the upstream may answer
   * with codes that no method declares.
   * </pre>
   */
  public static final class VerificationServiceFutureStub
      extends io.grpc.stub.AbstractFutureStub<VerificationServiceFutureStub> {
    private VerificationServiceFutureStub(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      super(channel, callOptions);
    }

    @java.lang.Override
    protected VerificationServiceFutureStub build(
        io.grpc.Channel channel, io.grpc.CallOptions callOptions) {
      return new VerificationServiceFutureStub(channel, callOptions);
    }

    /**
     * <pre>
     * Checks whether a phone number belongs to the phone on which the token was
     * made. If it does not, the code is RESPONSE_CODE_VERIFY_NOT_CONSISTENT.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.codetable.jiguang.jverification.v1.VerifyNumberResponse> verifyNumber(
        io.github.codetable.jiguang.jverification.v1.VerifyNumberRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getVerifyNumberMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Exchanges a one-click login token for the encrypted phone number.
     * BEYOND_DAILY_FREQUENCY_LIMIT is a limit of the AppKey: a server that meets
     * this limit in VerifyNumber may answer logins with it too.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenResponse> exchangeLoginToken(
        io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getExchangeLoginTokenMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Returns the risk of a phone number. The call may be repeated.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskResponse> queryBusinessRisk(
        io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getQueryBusinessRiskMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Checks how a person solved a captcha. The upstream does not document the
     * success code. It is SUCCESS unless the gateway is configured otherwise.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.codetable.jiguang.jverification.v1.CheckCaptchaResponse> checkCaptcha(
        io.github.codetable.jiguang.jverification.v1.CheckCaptchaRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getCheckCaptchaMethod(), getCallOptions()), request);
    }

    /**
     * <pre>
     * Enables one-click login for an app.
     * </pre>
     */
    public com.google.common.util.concurrent.ListenableFuture<io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginResponse> enableOneClickLogin(
        io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginRequest request) {
      return io.grpc.stub.ClientCalls.futureUnaryCall(
          getChannel().newCall(getEnableOneClickLoginMethod(), getCallOptions()), request);
    }
  }

  private static final int METHODID_VERIFY_NUMBER = 0;
  private static final int METHODID_EXCHANGE_LOGIN_TOKEN = 1;
  private static final int METHODID_QUERY_BUSINESS_RISK = 2;
  private static final int METHODID_CHECK_CAPTCHA = 3;
  private static final int METHODID_ENABLE_ONE_CLICK_LOGIN = 4;
  private static final int METHODID_VERIFY_NUMBERS = 5;

  private static final class MethodHandlers<Req, Resp> implements
      io.grpc.stub.ServerCalls.UnaryMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ServerStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.ClientStreamingMethod<Req, Resp>,
      io.grpc.stub.ServerCalls.BidiStreamingMethod<Req, Resp> {
    private final AsyncService serviceImpl;
    private final int methodId;

    MethodHandlers(AsyncService serviceImpl, int methodId) {
      this.serviceImpl = serviceImpl;
      this.methodId = methodId;
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public void invoke(Req request, io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_VERIFY_NUMBER:
          serviceImpl.verifyNumber((io.github.codetable.jiguang.jverification.v1.VerifyNumberRequest) request,
              (io.grpc.stub.StreamObserver<io.github.codetable.jiguang.jverification.v1.VerifyNumberResponse>) responseObserver);
          break;
        case METHODID_EXCHANGE_LOGIN_TOKEN:
          serviceImpl.exchangeLoginToken((io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenRequest) request,
              (io.grpc.stub.StreamObserver<io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenResponse>) responseObserver);
          break;
        case METHODID_QUERY_BUSINESS_RISK:
          serviceImpl.queryBusinessRisk((io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskRequest) request,
              (io.grpc.stub.StreamObserver<io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskResponse>) responseObserver);
          break;
        case METHODID_CHECK_CAPTCHA:
          serviceImpl.checkCaptcha((io.github.codetable.jiguang.jverification.v1.CheckCaptchaRequest) request,
              (io.grpc.stub.StreamObserver<io.github.codetable.jiguang.jverification.v1.CheckCaptchaResponse>) responseObserver);
          break;
        case METHODID_ENABLE_ONE_CLICK_LOGIN:
          serviceImpl.enableOneClickLogin((io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginRequest) request,
              (io.grpc.stub.StreamObserver<io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginResponse>) responseObserver);
          break;
        default:
          throw new AssertionError();
      }
    }

    @java.lang.Override
    @java.lang.SuppressWarnings("unchecked")
    public io.grpc.stub.StreamObserver<Req> invoke(
        io.grpc.stub.StreamObserver<Resp> responseObserver) {
      switch (methodId) {
        case METHODID_VERIFY_NUMBERS:
          return (io.grpc.stub.StreamObserver<Req>) serviceImpl.verifyNumbers(
              (io.grpc.stub.StreamObserver<io.github.codetable.jiguang.jverification.v1.VerifyNumbersResponse>) responseObserver);
        default:
          throw new AssertionError();
      }
    }
  }

  public static final io.grpc.ServerServiceDefinition bindService(AsyncService service) {
    return io.grpc.ServerServiceDefinition.builder(getServiceDescriptor())
        .addMethod(
          getVerifyNumberMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.codetable.jiguang.jverification.v1.VerifyNumberRequest,
              io.github.codetable.jiguang.jverification.v1.VerifyNumberResponse>(
                service, METHODID_VERIFY_NUMBER)))
        .addMethod(
          getVerifyNumbersMethod(),
          io.grpc.stub.ServerCalls.asyncBidiStreamingCall(
            new MethodHandlers<
              io.github.codetable.jiguang.jverification.v1.VerifyNumbersRequest,
              io.github.codetable.jiguang.jverification.v1.VerifyNumbersResponse>(
                service, METHODID_VERIFY_NUMBERS)))
        .addMethod(
          getExchangeLoginTokenMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenRequest,
              io.github.codetable.jiguang.jverification.v1.ExchangeLoginTokenResponse>(
                service, METHODID_EXCHANGE_LOGIN_TOKEN)))
        .addMethod(
          getQueryBusinessRiskMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskRequest,
              io.github.codetable.jiguang.jverification.v1.QueryBusinessRiskResponse>(
                service, METHODID_QUERY_BUSINESS_RISK)))
        .addMethod(
          getCheckCaptchaMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.codetable.jiguang.jverification.v1.CheckCaptchaRequest,
              io.github.codetable.jiguang.jverification.v1.CheckCaptchaResponse>(
                service, METHODID_CHECK_CAPTCHA)))
        .addMethod(
          getEnableOneClickLoginMethod(),
          io.grpc.stub.ServerCalls.asyncUnaryCall(
            new MethodHandlers<
              io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginRequest,
              io.github.codetable.jiguang.jverification.v1.EnableOneClickLoginResponse>(
                service, METHODID_ENABLE_ONE_CLICK_LOGIN)))
        .build();
  }

  private static abstract class VerificationServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoFileDescriptorSupplier, io.grpc.protobuf.ProtoServiceDescriptorSupplier {
    VerificationServiceBaseDescriptorSupplier() {}

    @java.lang.Override
    public com.google.protobuf.Descriptors.FileDescriptor getFileDescriptor() {
      return io.github.codetable.jiguang.jverification.v1.VerificationServiceProto.getDescriptor();
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("VerificationService");
    }
  }

  private static final class VerificationServiceFileDescriptorSupplier
      extends VerificationServiceBaseDescriptorSupplier {
    VerificationServiceFileDescriptorSupplier() {}
  }

  private static final class VerificationServiceMethodDescriptorSupplier
      extends VerificationServiceBaseDescriptorSupplier
      implements io.grpc.protobuf.ProtoMethodDescriptorSupplier {
    private final java.lang.String methodName;

    VerificationServiceMethodDescriptorSupplier(java.lang.String methodName) {
      this.methodName = methodName;
    }

    @java.lang.Override
    public com.google.protobuf.Descriptors.MethodDescriptor getMethodDescriptor() {
      return getServiceDescriptor().findMethodByName(methodName);
    }
  }

  private static volatile io.grpc.ServiceDescriptor serviceDescriptor;

  public static io.grpc.ServiceDescriptor getServiceDescriptor() {
    io.grpc.ServiceDescriptor result = serviceDescriptor;
    if (result == null) {
      synchronized (VerificationServiceGrpc.class) {
        result = serviceDescriptor;
        if (result == null) {
          serviceDescriptor = result = io.grpc.ServiceDescriptor.newBuilder(SERVICE_NAME)
              .setSchemaDescriptor(new VerificationServiceFileDescriptorSupplier())
              .addMethod(getVerifyNumberMethod())
              .addMethod(getVerifyNumbersMethod())
              .addMethod(getExchangeLoginTokenMethod())
              .addMethod(getQueryBusinessRiskMethod())
              .addMethod(getCheckCaptchaMethod())
              .addMethod(getEnableOneClickLoginMethod())
              .build();
        }
      }
    }
    return result;
  }
}
