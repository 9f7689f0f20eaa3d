	.file	"<string>"
	.section	.ltext,"axl",@progbits
	.globl	_ZN8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE
	.p2align	4
	.type	_ZN8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE,@function
_ZN8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE:
	.cfi_startproc
	pushq	%rbp
	.cfi_def_cfa_offset 16
	pushq	%r15
	.cfi_def_cfa_offset 24
	pushq	%r14
	.cfi_def_cfa_offset 32
	pushq	%r13
	.cfi_def_cfa_offset 40
	pushq	%r12
	.cfi_def_cfa_offset 48
	pushq	%rbx
	.cfi_def_cfa_offset 56
	.cfi_offset %rbx, -56
	.cfi_offset %r12, -48
	.cfi_offset %r13, -40
	.cfi_offset %r14, -32
	.cfi_offset %r15, -24
	.cfi_offset %rbp, -16
	movq	184(%rsp), %rsi
	movq	%rdi, -8(%rsp)
	movq	392(%rsp), %rdi
	movq	384(%rsp), %rax
	vxorpd	%xmm0, %xmm0, %xmm0
	vcvtps2dq	%ymm0, %ymm0
	vmovss	(%rsi), %xmm1
	leaq	7(%rdi), %rsi
	movq	%rsi, %r8
	shrq	$3, %r8
	testq	%rdi, %rdi
	setle	%dil
	testq	%r8, %r8
	sete	%r9b
	orb	%dil, %r9b
	jne	.LBB0_8
	leaq	-1(%r8), %rdi
	andl	$7, %r8d
	cmpq	$7, %rdi
	jae	.LBB0_3
	xorl	%edi, %edi
	jmp	.LBB0_6
.LBB0_3:
	shrq	$6, %rsi
	xorl	%edi, %edi
	shlq	$3, %rsi
	negq	%rsi
	.p2align	4
.LBB0_4:
	vmovupd	%ymm0, (%rax,%rdi,4)
	vmovupd	%ymm0, 32(%rax,%rdi,4)
	vmovupd	%ymm0, 64(%rax,%rdi,4)
	vmovupd	%ymm0, 96(%rax,%rdi,4)
	vmovupd	%ymm0, 128(%rax,%rdi,4)
	vmovupd	%ymm0, 160(%rax,%rdi,4)
	vmovupd	%ymm0, 192(%rax,%rdi,4)
	vmovupd	%ymm0, 224(%rax,%rdi,4)
	addq	$64, %rdi
	addq	$8, %rsi
	jne	.LBB0_4
	testq	%r8, %r8
	je	.LBB0_8
.LBB0_6:
	leaq	(%rax,%rdi,4), %rsi
	shll	$5, %r8d
	xorl	%edi, %edi
	.p2align	4
.LBB0_7:
	vmovupd	%ymm0, (%rsi,%rdi)
	addq	$32, %rdi
	cmpq	%rdi, %r8
	jne	.LBB0_7
.LBB0_8:
	subq	%rdx, %rcx
	shlq	$3, %rcx
	testq	%rcx, %rcx
	jle	.LBB0_12
	vdivss	%xmm1, %xmm1, %xmm1
	movq	272(%rsp), %r9
	movq	328(%rsp), %r8
	movq	200(%rsp), %r10
	movq	192(%rsp), %r11
	movq	128(%rsp), %rbx
	movq	72(%rsp), %r14
	vcvtdq2ps	%ymm0, %ymm0
	movq	%r9, %r15
	imulq	%rdx, %r15
	shlq	$3, %rdx
	shlq	$2, %r9
	shlq	$5, %r15
	addq	256(%rsp), %r15
	vbroadcastss	%xmm1, %ymm1
	jmp	.LBB0_10
	.p2align	4
.LBB0_11:
	vextracti128	$1, %ymm7, %xmm2
	incq	%rdx
	addq	%r9, %r15
	vpaddd	%xmm2, %xmm7, %xmm2
	vpshufd	$238, %xmm2, %xmm3
	vpaddd	%xmm3, %xmm2, %xmm2
	vpshufd	$85, %xmm2, %xmm3
	vpaddd	%xmm3, %xmm2, %xmm2
	vmovd	%xmm2, %esi
	vextracti128	$1, %ymm6, %xmm2
	vpaddd	%xmm2, %xmm6, %xmm2
	addl	%esi, (%rax,%r12,4)
	vpshufd	$238, %xmm2, %xmm3
	vpaddd	%xmm3, %xmm2, %xmm2
	vpshufd	$85, %xmm2, %xmm3
	vpaddd	%xmm3, %xmm2, %xmm2
	vmovd	%xmm2, %esi
	vextracti128	$1, %ymm5, %xmm2
	vpaddd	%xmm2, %xmm5, %xmm2
	addl	%esi, 32(%rax,%r12,4)
	vpshufd	$238, %xmm2, %xmm3
	vpaddd	%xmm3, %xmm2, %xmm2
	vpshufd	$85, %xmm2, %xmm3
	vpaddd	%xmm3, %xmm2, %xmm2
	vmovd	%xmm2, %esi
	addl	%esi, 64(%rax,%r12,4)
	cmpq	$1, %rcx
	leaq	-1(%rcx), %rcx
	jbe	.LBB0_12
.LBB0_10:
	movq	%rdx, %rsi
	andq	$-8, %rsi
	movl	%edx, %r12d
	andl	$7, %r12d
	movq	(%r14,%rdx,8), %rdi
	movq	(%r8,%rdx,8), %rbp
	leaq	(%rsi,%rsi,2), %rsi
	orq	%rsi, %r12
	vpbroadcastd	64(%rbx,%r12,4), %ymm4
	vpbroadcastd	32(%rbx,%r12,4), %ymm3
	vpbroadcastd	(%rbx,%r12,4), %ymm2
	vpsubd	64(%rbx,%rsi,4), %ymm4, %ymm7
	vpsubd	32(%rbx,%rsi,4), %ymm3, %ymm6
	vpsubd	(%rbx,%rsi,4), %ymm2, %ymm5
	movq	%rdi, %r13
	sarq	$63, %r13
	andq	%r11, %r13
	addq	%rdi, %r13
	movq	184(%rsp), %rdi
	imulq	%r10, %r13
	leaq	(%rdi,%r13,4), %r13
	vcvtdq2ps	%ymm7, %ymm8
	vcvtdq2ps	%ymm6, %ymm6
	vcvtdq2ps	%ymm5, %ymm5
	vmulps	%ymm8, %ymm8, %ymm7
	vfmadd231ps	%ymm6, %ymm6, %ymm7
	vfmadd231ps	%ymm5, %ymm5, %ymm7
	vdivps	%ymm7, %ymm1, %ymm9
	vcmpltps	%ymm7, %ymm0, %k1
	vcmpltps	64(%r13,%rsi,4), %ymm7, %k1 {%k1}
	vmulps	(%r13,%rsi,4), %ymm9, %ymm10
	vmulps	32(%r13,%rsi,4), %ymm9, %ymm9
	vmulps	%ymm10, %ymm10, %ymm11
	vmulps	%ymm11, %ymm10, %ymm10
	vmulps	%ymm10, %ymm9, %ymm9
	vaddps	%ymm10, %ymm10, %ymm10
	vfmsub213ps	%ymm9, %ymm9, %ymm10
	vblendmps	%ymm10, %ymm0, %ymm9 {%k1}
	vmulps	%ymm5, %ymm9, %ymm5
	vcvtps2dq	%ymm5, %ymm7
	vmulps	%ymm6, %ymm9, %ymm5
	vcvtps2dq	%ymm5, %ymm6
	vmulps	%ymm8, %ymm9, %ymm5
	vcvtps2dq	%ymm5, %ymm5
	testq	%rbp, %rbp
	jle	.LBB0_11
	xorl	%esi, %esi
	.p2align	4
.LBB0_14:
	movl	(%r15,%rsi,4), %edi
	incq	%rsi
	vpsubd	64(%rbx,%rdi,4), %ymm4, %ymm9
	vpsubd	32(%rbx,%rdi,4), %ymm3, %ymm8
	vpsubd	(%rbx,%rdi,4), %ymm2, %ymm10
	vcvtdq2ps	%ymm9, %ymm9
	vcvtdq2ps	%ymm8, %ymm8
	vcvtdq2ps	%ymm10, %ymm10
	vmulps	%ymm9, %ymm9, %ymm11
	vfmadd231ps	%ymm8, %ymm8, %ymm11
	vfmadd231ps	%ymm10, %ymm10, %ymm11
	vcmpltps	64(%r13,%rdi,4), %ymm11, %k1
	vdivps	%ymm11, %ymm1, %ymm12
	vmulps	(%r13,%rdi,4), %ymm12, %ymm13
	vmulps	32(%r13,%rdi,4), %ymm12, %ymm12
	vmulps	%ymm13, %ymm13, %ymm14
	vmulps	%ymm14, %ymm13, %ymm13
	vmovdqu	(%rax,%rdi,4), %ymm14
	vmulps	%ymm13, %ymm12, %ymm12
	vaddps	%ymm13, %ymm13, %ymm13
	vfmsub213ps	%ymm12, %ymm12, %ymm13
	vmovdqu	32(%rax,%rdi,4), %ymm12
	vblendmps	%ymm13, %ymm0, %ymm11 {%k1}
	vmovdqu	64(%rax,%rdi,4), %ymm13
	vmulps	%ymm10, %ymm11, %ymm10
	vmulps	%ymm8, %ymm11, %ymm8
	vmulps	%ymm9, %ymm11, %ymm9
	vcvtps2dq	%ymm10, %ymm10
	vcvtps2dq	%ymm8, %ymm8
	vcvtps2dq	%ymm9, %ymm9
	vpaddd	%ymm7, %ymm10, %ymm7
	vpaddd	%ymm6, %ymm8, %ymm6
	vpaddd	%ymm5, %ymm9, %ymm5
	vpsubd	%ymm10, %ymm14, %ymm10
	vpsubd	%ymm8, %ymm12, %ymm8
	vpsubd	%ymm9, %ymm13, %ymm9
	vmovdqu	%ymm10, (%rax,%rdi,4)
	vmovdqu	%ymm8, 32(%rax,%rdi,4)
	vmovdqu	%ymm9, 64(%rax,%rdi,4)
	cmpq	%rsi, %rbp
	jne	.LBB0_14
	jmp	.LBB0_11
.LBB0_12:
	movq	-8(%rsp), %rax
	movq	$0, (%rax)
	xorl	%eax, %eax
	popq	%rbx
	.cfi_def_cfa_offset 48
	popq	%r12
	.cfi_def_cfa_offset 40
	popq	%r13
	.cfi_def_cfa_offset 32
	popq	%r14
	.cfi_def_cfa_offset 24
	popq	%r15
	.cfi_def_cfa_offset 16
	popq	%rbp
	.cfi_def_cfa_offset 8
	vzeroupper
	retq
.Lfunc_end0:
	.size	_ZN8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE, .Lfunc_end0-_ZN8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE
	.cfi_endproc

	.globl	_ZN7cpython8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE
	.p2align	4
	.type	_ZN7cpython8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE,@function
_ZN7cpython8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE:
	.cfi_startproc
	pushq	%rbp
	.cfi_def_cfa_offset 16
	pushq	%r15
	.cfi_def_cfa_offset 24
	pushq	%r14
	.cfi_def_cfa_offset 32
	pushq	%r13
	.cfi_def_cfa_offset 40
	pushq	%r12
	.cfi_def_cfa_offset 48
	pushq	%rbx
	.cfi_def_cfa_offset 56
	subq	$584, %rsp
	.cfi_def_cfa_offset 640
	.cfi_offset %rbx, -56
	.cfi_offset %r12, -48
	.cfi_offset %r13, -40
	.cfi_offset %r14, -32
	.cfi_offset %r15, -24
	.cfi_offset %rbp, -16
	leaq	96(%rsp), %r10
	movq	%rsi, %rdi
	xorl	%ebx, %ebx
	leaq	104(%rsp), %r11
	leaq	112(%rsp), %r14
	leaq	120(%rsp), %r15
	leaq	128(%rsp), %r12
	leaq	136(%rsp), %r13
	movabsq	$.const._row_forces, %rsi
	movabsq	$PyArg_UnpackTuple, %rbp
	leaq	152(%rsp), %r8
	leaq	144(%rsp), %r9
	movl	$8, %edx
	movl	$8, %ecx
	xorl	%eax, %eax
	pushq	%r10
	.cfi_adjust_cfa_offset 8
	pushq	%r11
	.cfi_adjust_cfa_offset 8
	pushq	%r14
	.cfi_adjust_cfa_offset 8
	pushq	%r15
	.cfi_adjust_cfa_offset 8
	pushq	%r12
	.cfi_adjust_cfa_offset 8
	pushq	%r13
	.cfi_adjust_cfa_offset 8
	callq	*%rbp
	addq	$48, %rsp
	.cfi_adjust_cfa_offset -48
	vxorps	%xmm0, %xmm0, %xmm0
	vxorps	%xmm1, %xmm1, %xmm1
	vmovups	%ymm0, 352(%rsp)
	vmovups	%ymm0, 288(%rsp)
	vmovups	%ymm0, 224(%rsp)
	vmovups	%ymm0, 160(%rsp)
	vmovups	%ymm0, 376(%rsp)
	vmovups	%ymm0, 312(%rsp)
	vmovups	%zmm1, 416(%rsp)
	movq	$0, 480(%rsp)
	vmovups	%zmm1, 496(%rsp)
	movq	$0, 560(%rsp)
	vmovups	%ymm0, 248(%rsp)
	vmovups	%ymm0, 184(%rsp)
	testl	%eax, %eax
	je	.LBB1_20
	movabsq	$_ZN08NumbaEnv8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE, %rax
	cmpq	$0, (%rax)
	je	.LBB1_25
	movq	152(%rsp), %rdi
	movabsq	$PyNumber_Long, %r12
	vzeroupper
	callq	*%r12
	movabsq	$PyLong_AsLongLong, %r15
	movabsq	$Py_DecRef, %r14
	testq	%rax, %rax
	je	.LBB1_26
	movq	%rax, %rdi
	movq	%rax, %rbx
	callq	*%r15
	movq	%rbx, %rdi
	movq	%rax, %rbp
	callq	*%r14
	movabsq	$PyErr_Occurred, %r13
	callq	*%r13
	testq	%rax, %rax
	jne	.LBB1_27
.LBB1_4:
	movq	144(%rsp), %rdi
	callq	*%r12
	testq	%rax, %rax
	je	.LBB1_28
	movq	%rax, %rdi
	movq	%rax, %rbx
	callq	*%r15
	movq	%rbx, %rdi
	movq	%rax, %r12
	callq	*%r14
	callq	*%r13
	testq	%rax, %rax
	jne	.LBB1_27
.LBB1_6:
	movq	136(%rsp), %rdi
	movabsq	$NRT_adapt_ndarray_from_python, %r15
	leaq	352(%rsp), %rsi
	vxorps	%xmm0, %xmm0, %xmm0
	vmovups	%ymm0, 352(%rsp)
	vmovups	%ymm0, 376(%rsp)
	vzeroupper
	callq	*%r15
	testl	%eax, %eax
	jne	.LBB1_30
	cmpq	$8, 376(%rsp)
	jne	.LBB1_30
	movq	128(%rsp), %rdi
	movq	352(%rsp), %r13
	movq	384(%rsp), %rbx
	leaq	288(%rsp), %rsi
	vxorps	%xmm0, %xmm0, %xmm0
	vmovups	%ymm0, 288(%rsp)
	vmovups	%ymm0, 312(%rsp)
	vzeroupper
	callq	*%r15
	testl	%eax, %eax
	jne	.LBB1_31
	cmpq	$4, 312(%rsp)
	jne	.LBB1_31
	movq	320(%rsp), %rax
	movq	120(%rsp), %rdi
	movq	288(%rsp), %r14
	leaq	416(%rsp), %rsi
	vxorps	%xmm0, %xmm0, %xmm0
	movq	%rbx, 88(%rsp)
	vmovups	%zmm0, 416(%rsp)
	movq	$0, 480(%rsp)
	movq	%rax, 80(%rsp)
	vzeroupper
	callq	*%r15
	cmpq	$4, 440(%rsp)
	setne	%cl
	testl	%eax, %eax
	setne	%bl
	orb	%cl, %bl
	jne	.LBB1_32
	testb	%bl, %bl
	jne	.LBB1_38
.LBB1_12:
	movq	416(%rsp), %rax
	movq	448(%rsp), %rdx
	movq	456(%rsp), %rcx
	movq	112(%rsp), %rdi
	leaq	496(%rsp), %rsi
	vxorps	%xmm0, %xmm0, %xmm0
	vmovups	%zmm0, 496(%rsp)
	movq	$0, 560(%rsp)
	movq	%rax, 32(%rsp)
	movq	464(%rsp), %rax
	movq	%rdx, 8(%rsp)
	movq	%rcx, 72(%rsp)
	movq	%rax, 64(%rsp)
	vzeroupper
	callq	*%r15
	cmpq	$4, 520(%rsp)
	setne	%cl
	testl	%eax, %eax
	setne	%bl
	orb	%cl, %bl
	jne	.LBB1_33
	testb	%bl, %bl
	jne	.LBB1_37
.LBB1_14:
	movq	104(%rsp), %rdi
	movq	%r14, 24(%rsp)
	movq	%r12, 48(%rsp)
	movq	496(%rsp), %rbx
	movq	528(%rsp), %r14
	movq	544(%rsp), %r12
	leaq	224(%rsp), %rsi
	vxorps	%xmm0, %xmm0, %xmm0
	vmovups	%ymm0, 224(%rsp)
	movq	%rbp, 56(%rsp)
	vmovups	%ymm0, 248(%rsp)
	vzeroupper
	callq	*%r15
	testl	%eax, %eax
	jne	.LBB1_34
	cmpq	$8, 248(%rsp)
	jne	.LBB1_34
	movq	96(%rsp), %rdi
	movq	%r13, 16(%rsp)
	movq	224(%rsp), %rbp
	movq	256(%rsp), %r13
	leaq	160(%rsp), %rsi
	vxorps	%xmm0, %xmm0, %xmm0
	vmovups	%ymm0, 160(%rsp)
	vmovups	%ymm0, 184(%rsp)
	vzeroupper
	callq	*%r15
	testl	%eax, %eax
	jne	.LBB1_35
	cmpq	$4, 184(%rsp)
	jne	.LBB1_35
	vmovaps	192(%rsp), %xmm0
	movq	160(%rsp), %rcx
	movq	%rcx, 40(%rsp)
	subq	$352, %rsp
	.cfi_adjust_cfa_offset 352
	vmovups	%xmm0, 328(%rsp)
	movq	%rcx, 296(%rsp)
	movq	%r13, 272(%rsp)
	movq	%r14, 200(%rsp)
	movq	%rbp, %r14
	movq	%rbp, 240(%rsp)
	movq	%rbx, 168(%rsp)
	movq	%r12, 216(%rsp)
	movq	424(%rsp), %rdx
	movq	440(%rsp), %rcx
	movq	360(%rsp), %rdi
	movq	416(%rsp), %rax
	movq	%rbx, 360(%rsp)
	movq	384(%rsp), %rbx
	movq	376(%rsp), %rbp
	movq	368(%rsp), %r13
	movq	%rdx, 136(%rsp)
	movq	432(%rsp), %rdx
	movq	%rcx, 16(%rsp)
	movq	400(%rsp), %rcx
	movq	%rax, 144(%rsp)
	movq	%rdi, 128(%rsp)
	movabsq	$_ZN8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE, %rax
	leaq	928(%rsp), %rdi
	movq	%rbx, 96(%rsp)
	movq	%rbp, 40(%rsp)
	movq	%r13, %r8
	movq	%rdx, 72(%rsp)
	movq	408(%rsp), %rdx
	callq	*%rax
	addq	$352, %rsp
	.cfi_adjust_cfa_offset -352
	movabsq	$NRT_decref, %r12
	movq	%r13, %rdi
	movl	%eax, %r15d
	callq	*%r12
	movq	%rbp, %rdi
	callq	*%r12
	movq	%rbx, %rdi
	callq	*%r12
	movq	8(%rsp), %rdi
	callq	*%r12
	movq	%r14, %rdi
	callq	*%r12
	movq	40(%rsp), %rdi
	callq	*%r12
	testl	%r15d, %r15d
	jne	.LBB1_21
	movabsq	$_Py_NoneStruct, %rbx
	movabsq	$Py_IncRef, %rax
	movq	%rbx, %rdi
	callq	*%rax
.LBB1_20:
	movq	%rbx, %rax
	addq	$584, %rsp
	.cfi_def_cfa_offset 56
	popq	%rbx
	.cfi_def_cfa_offset 48
	popq	%r12
	.cfi_def_cfa_offset 40
	popq	%r13
	.cfi_def_cfa_offset 32
	popq	%r14
	.cfi_def_cfa_offset 24
	popq	%r15
	.cfi_def_cfa_offset 16
	popq	%rbp
	.cfi_def_cfa_offset 8
	vzeroupper
	retq
.LBB1_21:
	.cfi_def_cfa_offset 640
	jg	.LBB1_44
	cmpl	$-1, %r15d
	je	.LBB1_27
	cmpl	$-3, %r15d
	jne	.LBB1_42
	movabsq	$PyExc_StopIteration, %rdi
	movabsq	$PyErr_SetNone, %rax
	jmp	.LBB1_40
.LBB1_25:
	movabsq	$PyExc_RuntimeError, %rdi
	movabsq	$".const.missing Environment: _ZN08NumbaEnv8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE", %rsi
	jmp	.LBB1_43
.LBB1_26:
	xorl	%ebp, %ebp
	movabsq	$PyErr_Occurred, %r13
	callq	*%r13
	testq	%rax, %rax
	je	.LBB1_4
	jmp	.LBB1_27
.LBB1_28:
	xorl	%r12d, %r12d
	callq	*%r13
	testq	%rax, %rax
	je	.LBB1_6
	jmp	.LBB1_27
.LBB1_30:
	movabsq	$PyExc_TypeError, %rdi
	movabsq	$".const.can't unbox array from PyObject into native value.  The object maybe of a different type", %rsi
	jmp	.LBB1_43
.LBB1_31:
	movabsq	$PyExc_TypeError, %rdi
	movabsq	$".const.can't unbox array from PyObject into native value.  The object maybe of a different type", %rsi
	movabsq	$PyErr_SetString, %rax
	callq	*%rax
	jmp	.LBB1_39
.LBB1_32:
	movabsq	$PyExc_TypeError, %rdi
	movabsq	$".const.can't unbox array from PyObject into native value.  The object maybe of a different type", %rsi
	movabsq	$PyErr_SetString, %rax
	callq	*%rax
	testb	%bl, %bl
	je	.LBB1_12
	jmp	.LBB1_38
.LBB1_33:
	movabsq	$PyExc_TypeError, %rdi
	movabsq	$".const.can't unbox array from PyObject into native value.  The object maybe of a different type", %rsi
	movabsq	$PyErr_SetString, %rax
	callq	*%rax
	testb	%bl, %bl
	je	.LBB1_14
	jmp	.LBB1_37
.LBB1_34:
	movabsq	$PyExc_TypeError, %rdi
	movabsq	$".const.can't unbox array from PyObject into native value.  The object maybe of a different type", %rsi
	movabsq	$PyErr_SetString, %rax
	callq	*%rax
	jmp	.LBB1_36
.LBB1_35:
	movabsq	$PyExc_TypeError, %rdi
	movabsq	$".const.can't unbox array from PyObject into native value.  The object maybe of a different type", %rsi
	movabsq	$PyErr_SetString, %rax
	callq	*%rax
	movabsq	$NRT_decref, %rax
	movq	%rbp, %rdi
	callq	*%rax
	movq	16(%rsp), %r13
.LBB1_36:
	movabsq	$NRT_decref, %rax
	movq	%rbx, %rdi
	callq	*%rax
	movq	24(%rsp), %r14
.LBB1_37:
	movq	32(%rsp), %rdi
	movabsq	$NRT_decref, %rax
	callq	*%rax
.LBB1_38:
	movabsq	$NRT_decref, %rax
	movq	%r14, %rdi
	callq	*%rax
.LBB1_39:
	movabsq	$NRT_decref, %rax
	movq	%r13, %rdi
.LBB1_40:
	callq	*%rax
.LBB1_27:
	xorl	%ebx, %ebx
	jmp	.LBB1_20
.LBB1_42:
	movabsq	$PyExc_SystemError, %rdi
	movabsq	$".const.unknown error when calling native function", %rsi
.LBB1_43:
	movabsq	$PyErr_SetString, %rax
	vzeroupper
	callq	*%rax
	xorl	%ebx, %ebx
	jmp	.LBB1_20
.LBB1_44:
	movabsq	$PyErr_Clear, %rax
	callq	*%rax
.Lfunc_end1:
	.size	_ZN7cpython8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE, .Lfunc_end1-_ZN7cpython8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE
	.cfi_endproc

	.globl	cfunc._ZN8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE
	.p2align	4
	.type	cfunc._ZN8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE,@function
cfunc._ZN8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE:
	.cfi_startproc
	pushq	%r15
	.cfi_def_cfa_offset 16
	pushq	%r14
	.cfi_def_cfa_offset 24
	pushq	%r13
	.cfi_def_cfa_offset 32
	pushq	%r12
	.cfi_def_cfa_offset 40
	pushq	%rbx
	.cfi_def_cfa_offset 48
	subq	$368, %rsp
	.cfi_def_cfa_offset 416
	.cfi_offset %rbx, -48
	.cfi_offset %r12, -40
	.cfi_offset %r13, -32
	.cfi_offset %r14, -24
	.cfi_offset %r15, -16
	vmovaps	528(%rsp), %xmm0
	vmovups	728(%rsp), %xmm1
	movq	%rdx, %r8
	movq	%rdi, %rdx
	movq	416(%rsp), %rax
	movq	472(%rsp), %rdi
	movq	544(%rsp), %r10
	movq	568(%rsp), %r11
	movq	600(%rsp), %rbx
	movq	616(%rsp), %r14
	movq	640(%rsp), %r15
	movq	672(%rsp), %r12
	movq	696(%rsp), %r13
	movq	%rsi, %rcx
	movq	440(%rsp), %rsi
	movq	496(%rsp), %r9
	movq	$0, 360(%rsp)
	vmovups	%xmm1, 328(%rsp)
	movq	%r13, 296(%rsp)
	movq	%r12, 272(%rsp)
	movq	%r15, 240(%rsp)
	movq	%r14, 216(%rsp)
	movq	%rbx, 200(%rsp)
	movq	%r11, 168(%rsp)
	movq	%r10, 144(%rsp)
	vmovups	%xmm0, 128(%rsp)
	movq	%rdi, 72(%rsp)
	movq	%rax, 16(%rsp)
	movabsq	$_ZN8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE, %rax
	leaq	360(%rsp), %rdi
	movq	%r9, 96(%rsp)
	movq	%rsi, 40(%rsp)
	callq	*%rax
	movq	360(%rsp), %rcx
	movl	$0, 356(%rsp)
	testl	%eax, %eax
	jne	.LBB2_1
.LBB2_5:
	movq	%rcx, %rax
	addq	$368, %rsp
	.cfi_def_cfa_offset 48
	popq	%rbx
	.cfi_def_cfa_offset 40
	popq	%r12
	.cfi_def_cfa_offset 32
	popq	%r13
	.cfi_def_cfa_offset 24
	popq	%r14
	.cfi_def_cfa_offset 16
	popq	%r15
	.cfi_def_cfa_offset 8
	retq
.LBB2_1:
	.cfi_def_cfa_offset 416
	movabsq	$numba_gil_ensure, %r15
	leaq	356(%rsp), %rdi
	movq	%rcx, %r14
	movl	%eax, %ebx
	callq	*%r15
	testl	%ebx, %ebx
	jg	.LBB2_2
	movl	%ebx, %eax
	cmpl	$-1, %ebx
	je	.LBB2_4
	cmpl	$-3, %eax
	jne	.LBB2_3
	movabsq	$PyExc_StopIteration, %rdi
	movabsq	$PyErr_SetNone, %rax
	callq	*%rax
	jmp	.LBB2_4
.LBB2_3:
	movabsq	$PyExc_SystemError, %rdi
	movabsq	$".const.unknown error when calling native function.2", %rsi
	movabsq	$PyErr_SetString, %rax
	callq	*%rax
.LBB2_4:
	movabsq	$".const.<numba.core.cpu.CPUContext>", %rdi
	movabsq	$PyUnicode_FromString, %rax
	callq	*%rax
	movabsq	$PyErr_WriteUnraisable, %r15
	movq	%rax, %rbx
	movq	%rbx, %rdi
	callq	*%r15
	movabsq	$Py_DecRef, %rax
	movq	%rbx, %rdi
	callq	*%rax
	movabsq	$numba_gil_release, %rax
	leaq	356(%rsp), %rdi
	callq	*%rax
	movq	%r14, %rcx
	jmp	.LBB2_5
.LBB2_2:
	movabsq	$PyErr_Clear, %rax
	callq	*%rax
.Lfunc_end2:
	.size	cfunc._ZN8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE, .Lfunc_end2-cfunc._ZN8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE
	.cfi_endproc

	.weak	NRT_incref
	.p2align	4
	.type	NRT_incref,@function
NRT_incref:
	testq	%rdi, %rdi
	je	.LBB3_2
	lock		incq	(%rdi)
.LBB3_2:
	retq
.Lfunc_end3:
	.size	NRT_incref, .Lfunc_end3-NRT_incref

	.weak	NRT_decref
	.p2align	4
	.type	NRT_decref,@function
NRT_decref:
	.cfi_startproc
	testq	%rdi, %rdi
	je	.LBB4_2
	#MEMBARRIER
	lock		decq	(%rdi)
	je	.LBB4_3
.LBB4_2:
	retq
.LBB4_3:
	movabsq	$NRT_MemInfo_call_dtor, %rax
	#MEMBARRIER
	jmpq	*%rax
.Lfunc_end4:
	.size	NRT_decref, .Lfunc_end4-NRT_decref
	.cfi_endproc

	.type	.const._row_forces,@object
	.section	.lrodata,"al",@progbits
.const._row_forces:
	.asciz	"_row_forces"
	.size	.const._row_forces, 12

	.type	_ZN08NumbaEnv8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE,@object
	.comm	_ZN08NumbaEnv8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE,8,8
	.type	".const.missing Environment: _ZN08NumbaEnv8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE",@object
	.p2align	4, 0x0
".const.missing Environment: _ZN08NumbaEnv8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE":
	.asciz	"missing Environment: _ZN08NumbaEnv8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE"
	.size	".const.missing Environment: _ZN08NumbaEnv8softcage6forces11_row_forcesB3v43B54c8tJTIeFIjxB2IKSgI4CrvSCKg1MMbCQQPKkLTj8gMFYBFGuCQA_3dExx5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE5ArrayIfLi2E1C7mutable7alignedE5ArrayIjLi2E1C7mutable7alignedE5ArrayIxLi1E1C7mutable7alignedE5ArrayIiLi1E1C7mutable7alignedE", 315

	.type	".const.can't unbox array from PyObject into native value.  The object maybe of a different type",@object
	.p2align	4, 0x0
".const.can't unbox array from PyObject into native value.  The object maybe of a different type":
	.asciz	"can't unbox array from PyObject into native value.  The object maybe of a different type"
	.size	".const.can't unbox array from PyObject into native value.  The object maybe of a different type", 89

	.type	".const.unknown error when calling native function",@object
	.p2align	4, 0x0
".const.unknown error when calling native function":
	.asciz	"unknown error when calling native function"
	.size	".const.unknown error when calling native function", 43

	.type	".const.unknown error when calling native function.2",@object
	.p2align	4, 0x0
".const.unknown error when calling native function.2":
	.asciz	"unknown error when calling native function"
	.size	".const.unknown error when calling native function.2", 43

	.type	".const.<numba.core.cpu.CPUContext>",@object
	.p2align	4, 0x0
".const.<numba.core.cpu.CPUContext>":
	.asciz	"<numba.core.cpu.CPUContext>"
	.size	".const.<numba.core.cpu.CPUContext>", 28

	.type	_ZN08NumbaEnv8softcage4simd11_arithmetic12_3clocals_3e10overloaded12_3clocals_3e12_3clambda_3eB3v36B54c8tJTIeFIjxB2IKSgI4CrvQCk0Z4yRYcWsBAw4hWqFpgsIBZmgA_3dE17Vector_28int32_2917Vector_28int32_29,@object
	.comm	_ZN08NumbaEnv8softcage4simd11_arithmetic12_3clocals_3e10overloaded12_3clocals_3e12_3clambda_3eB3v36B54c8tJTIeFIjxB2IKSgI4CrvQCk0Z4yRYcWsBAw4hWqFpgsIBZmgA_3dE17Vector_28int32_2917Vector_28int32_29,8,8
	.type	_ZN08NumbaEnv8softcage4simd11_arithmetic12_3clocals_3e10overloaded12_3clocals_3e12_3clambda_3eB3v39B54c8tJTIeFIjxB2IKSgI4CrvQCk0Z4yRYcWsBAw4hWqFpgsIBZmgA_3dE19Vector_28float32_2919Vector_28float32_29,@object
	.comm	_ZN08NumbaEnv8softcage4simd11_arithmetic12_3clocals_3e10overloaded12_3clocals_3e12_3clambda_3eB3v39B54c8tJTIeFIjxB2IKSgI4CrvQCk0Z4yRYcWsBAw4hWqFpgsIBZmgA_3dE19Vector_28float32_2919Vector_28float32_29,8,8
	.type	_ZN08NumbaEnv8softcage4simd11_arithmetic12_3clocals_3e10overloaded12_3clocals_3e12_3clambda_3eB3v48B54c8tJTIeFIjxB2IKSgI4CrvQCk0Z4yRYcWsBAw4hWqFpgsIBZmgA_3dE19Vector_28float32_2919Vector_28float32_29,@object
	.comm	_ZN08NumbaEnv8softcage4simd11_arithmetic12_3clocals_3e10overloaded12_3clocals_3e12_3clambda_3eB3v48B54c8tJTIeFIjxB2IKSgI4CrvQCk0Z4yRYcWsBAw4hWqFpgsIBZmgA_3dE19Vector_28float32_2919Vector_28float32_29,8,8
	.type	_ZN08NumbaEnv8softcage4simd11_arithmetic12_3clocals_3e10overloaded12_3clocals_3e12_3clambda_3eB3v49B54c8tJTIeFIjxB2IKSgI4CrvQCk0Z4yRYcWsBAw4hWqFpgsIBZmgA_3dE19Vector_28float32_2919Vector_28float32_29,@object
	.comm	_ZN08NumbaEnv8softcage4simd11_arithmetic12_3clocals_3e10overloaded12_3clocals_3e12_3clambda_3eB3v49B54c8tJTIeFIjxB2IKSgI4CrvQCk0Z4yRYcWsBAw4hWqFpgsIBZmgA_3dE19Vector_28float32_2919Vector_28float32_29,8,8
	.type	_ZN08NumbaEnv8softcage4simd18_overload_negative12_3clocals_3e12_3clambda_3eB3v37B54c8tJTIeFIjxB2IKSgI4CrvQCk0Z4yRYcWsBAw4hWqFpgsIBZmgA_3dE19Vector_28float32_29,@object
	.comm	_ZN08NumbaEnv8softcage4simd18_overload_negative12_3clocals_3e12_3clambda_3eB3v37B54c8tJTIeFIjxB2IKSgI4CrvQCk0Z4yRYcWsBAw4hWqFpgsIBZmgA_3dE19Vector_28float32_29,8,8
	.type	_ZN08NumbaEnv8softcage4simd11_arithmetic12_3clocals_3e10overloaded12_3clocals_3e12_3clambda_3eB3v50B54c8tJTIeFIjxB2IKSgI4CrvQCk0Z4yRYcWsBAw4hWqFpgsIBZmgA_3dE17Vector_28int32_2917Vector_28int32_29,@object
	.comm	_ZN08NumbaEnv8softcage4simd11_arithmetic12_3clocals_3e10overloaded12_3clocals_3e12_3clambda_3eB3v50B54c8tJTIeFIjxB2IKSgI4CrvQCk0Z4yRYcWsBAw4hWqFpgsIBZmgA_3dE17Vector_28int32_2917Vector_28int32_29,8,8
	.section	".note.GNU-stack","",@progbits
